"""The two applications: the gate's screens and the street office's. Neither loads the other's parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask

from kiosk.errors import GatehouseError
from web import setup

if TYPE_CHECKING:
    from kiosk.service import GateService
    from sync.office.office import Office


def create_gate_app(service: GateService) -> Flask:
    """The console, the tablets and the live updates of one gate, over a service that its caller starts and stops."""
    from web.gate.views import blueprint as console
    from web.tablet import codes
    from web.tablet.views import blueprint as tablet

    app = setup.make_app(
        "gate",
        domains=("common", "gate"),
        secret_key=b"",
        cookie="gatehouse_gate",
        https=service.settings.web.tls != "off",
        demo=service.demo,
        zone=service.settings.zone,
    )
    put_over(app, service)
    if any(lane.kind == "tablet" for lane in service.settings.lane):
        codes.prepare()
    app.register_error_handler(GatehouseError, lambda error: setup.fault(503, str(error)))
    app.register_blueprint(console)
    app.register_blueprint(tablet)
    return app


def put_over(app: Flask, service: GateService) -> None:
    """The application of one gate becomes that of another one with the same zone, security and purpose."""
    from web.serving import EXTENSION, Serving, utc_now
    from web.tablet.pairing import Pairing

    key = setup.session_key(service.settings.gate.var)
    status = service.status()
    app.secret_key = key
    app.jinja_env.globals.update(gate_name=status["gate"], community=status["community"])
    app.extensions[EXTENSION] = Serving(service, Pairing(key, utc_now))


def create_office_app(office: Office) -> Flask:
    """The street office's screens and the API that gates call, over an office that its caller opens and closes."""
    from web.api import create_api  # a gate runs without the office's database and people
    from web.office import site

    app = setup.make_app(
        "office",
        domains=("common", "office"),
        secret_key=office.secret_key,
        cookie="gatehouse_office",
        zone=office.settings.zone,
    )
    app.register_blueprint(create_api(office))
    site.register(app, office)
    return app
