"""The gate's command line: python -m kiosk …"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk import __version__, logs
from kiosk.cli import late, runner
from kiosk.cli.options import ConfigPath
from kiosk.errors import SyncError

if TYPE_CHECKING:
    from flask import Flask

    from kiosk.config import Settings
    from kiosk.tls import Certificate

SWITCH_S = 0.001  # how long a thread at work keeps others waiting: a fifth of Python's own, for people stand at a lane

app = typer.Typer(
    name="kiosk",
    help="Gatehouse at the gate: scan, measure, decide, record.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    cls=late.commands(
        {
            "doctor": "kiosk.cli.doctor:doctor",
            "backup": "kiosk.cli.backup:backup",
            "restore": "kiosk.cli.backup:restore",
            "scan": "kiosk.cli.scan:scan",
            "read": "kiosk.cli.read:read",
            "decide": "kiosk.cli.decide:decide",
            "film": "kiosk.cli.film:film",
            "journal": "kiosk.cli.journal:app",
            "province": "kiosk.cli.province:app",
            "volunteer": "kiosk.cli.volunteer:app",
        }
    ),
)


@app.command()
def run(
    config: ConfigPath = Path("kiosk.toml"),
    demo: Annotated[
        bool, typer.Option(help="Play the bundled film where no camera is named; every page says 演示/DEMO.")
    ] = False,
) -> None:
    """Run the gate: lanes, screens and sync, until Ctrl-C.

    Example: python -m kiosk run --config kiosk.toml
    """
    from kiosk.config import load
    from kiosk.folder import prepare
    from web.server import Listening, serve

    settings = load(config)
    prepare(settings.gate.var)
    own = _certificate(settings)

    def make() -> tuple[Flask, Callable[[], None]]:
        from kiosk import service  # here and not above: the process that watches over the worker does without
        from web.app import create_gate_app

        sys.setswitchinterval(SWITCH_S)
        gate = service.build(settings, demo=demo)
        gate.start()
        return create_gate_app(gate), gate.stop

    serve(make, Listening(settings.web.listen, certificate=own.chain if own else None, key=own.key if own else None))


def _certificate(settings: Settings) -> Certificate | None:
    if settings.web.tls == "off":
        return None
    from kiosk.tls import certificate

    return certificate(settings.gate.var, settings.web.names)


@app.command()
def enroll(
    url: Annotated[
        str, typer.Argument(help="The office, for example https://office.example:8700, or a whole code GE1:…")
    ],
    token: Annotated[str, typer.Argument(help="The one-time code the office shows for this gate")] = "",
    config: ConfigPath = Path("kiosk.toml"),
    again: Annotated[bool, typer.Option(help="Enrol once more although this gate is enrolled already.")] = False,
) -> None:
    """Make this gate known to its street office.

    Example: python -m kiosk enroll https://office.example:8700 K7QM-22XA-…
    """
    from kiosk.codes.enrolment import EnrolmentCode, is_one, parse
    from kiosk.config import load
    from kiosk.folder import prepare
    from sync.enrolment import enroll as enrol_with

    try:
        code = parse(url) if is_one(url) else EnrolmentCode(url, token)
    except ValueError as error:
        raise SyncError(f"this enrolment code is damaged or not whole ({error}): copy it once more") from error
    if not code.token:
        raise SyncError("the one-time code is missing: python -m kiosk enroll URL TOKEN")
    settings = load(config)
    prepare(settings.gate.var)
    var, name, seen = settings.gate.var, settings.gate.name, code.fingerprint
    identity = enrol_with(code.url, code.token, var, name, again=again, fingerprint=seen)
    print(f"enrolled: gate {identity.gate} of {identity.community_name} at {identity.office_url}")


@app.callback(invoke_without_command=True)
def version(
    show: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
) -> None:
    if show:
        print(__version__)
        raise typer.Exit


if __name__ == "__main__":
    logs.configure()
    runner.run(app, "kiosk")
