"""The two applications: the gate's screens and the street office's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask

from web import setup

if TYPE_CHECKING:
    from kiosk.service import GateService


def create_gate_app(service: GateService) -> Flask:
    """The console, the tablets and the live updates of one gate, over a service that its caller starts and stops."""
    return setup.make_app(
        "gate",
        domains=("common", "gate"),
        secret_key=setup.session_key(service.settings.gate.var),
        cookie="gatehouse_gate",
        https=service.settings.web.tls != "off",
        demo=service.demo,
    )
