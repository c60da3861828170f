"""The office's command line: python -m sync.office …"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk import logs
from kiosk.cli import late, runner
from sync.office.cli.common import WHO, AsJson, CommunityId, Url, Var, community, opened, show

if TYPE_CHECKING:
    from flask import Flask

    from sync.office.settings import OfficeSettings

app = typer.Typer(
    name="sync.office",
    help="Gatehouse at the street office: receive what gates record, hand down what they need.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    cls=late.commands(
        {
            "init": "sync.office.cli.units:init",
            "entries": "sync.office.cli.log:entries",
            "verify": "sync.office.cli.proof:verify",
            "export": "sync.office.cli.proof:export",
            "gate": "sync.office.cli.gates:app",
            "carry": "sync.office.cli.courier:app",
            "user": "sync.office.cli.people:app",
            "pass": "sync.office.cli.passes:app",
            "passes": "sync.office.cli.passes:app",  # as it was called first
            "trust": "sync.office.cli.trust:app",
            "revocation": "sync.office.cli.revocation:app",
            "policy": "sync.office.cli.policy:app",
            "parked": "sync.office.cli.parked:app",
            "watch": "sync.office.cli.lists.watch:app",
            "roster": "sync.office.cli.lists.roster:app",
            "regions": "sync.office.cli.lists.regions:app",
            "places": "sync.office.cli.lists.places:app",
            "declarations": "sync.office.cli.lists.declarations:app",
            "person": "sync.office.cli.person:app",
            "retention": "sync.office.cli.retention:app",
            "unit": "sync.office.cli.units:app",
        },
        hidden={"passes"},
    ),
)


@app.command()
def serve(
    listen: Annotated[
        str | None, typer.Option(help="host:port (else GATEHOUSE_OFFICE_LISTEN or 127.0.0.1:8700)")
    ] = None,
    workers: Annotated[int, typer.Option(min=1, max=32, help="Processes")] = 2,
    threads: Annotated[int, typer.Option(min=1, max=256, help="Threads in each")] = 16,
    url: Url = None,
    var: Var = None,
) -> None:
    """Serve the office's screens and the gates' calls, until Ctrl-C.

    Example: python -m sync.office serve --listen 0.0.0.0:8700
    """
    from sync.office import settings
    from web.server import Listening, apart
    from web.server import serve as serve_app

    wanted = settings.load(url=url, var=var, listen=listen)

    def make() -> tuple[Flask, Callable[[], None]]:
        from sync.office.office import Office  # here and not above: the process that watches over workers does without
        from sync.office.retention.clockwork import Clockwork
        from web.app import create_office_app

        office = Office.open(wanted)
        keeping = Clockwork(office.retention)
        keeping.start()

        def stop() -> None:
            keeping.stop()
            office.close()

        return create_office_app(office), stop

    apart(lambda: _looked_over(wanted))
    serve_app(make, Listening(wanted.listen, workers=workers, threads=threads))


def _looked_over(wanted: OfficeSettings) -> None:
    """What is wrong with database or keys is said here, once, and not by every worker. Raises GatehouseError."""
    from sync.office.office import Office

    Office.open(wanted).close()


@app.command()
def demo(
    in_community: CommunityId = None,
    remove: Annotated[bool, typer.Option("--remove", help="Take the film's keys and notices away again.")] = False,
    url: Url = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """Let a community's gates believe the bundled film: keys, revoked serials and notices, all marked demo.

    They count only at a gate that runs as a demonstration. Example: python -m sync.office demo
    """
    from sync.office.demo import film

    with opened(url, var) as office:
        if remove:
            changed = office.demo.remove(who=WHO)
        else:
            named = community(office, in_community).id if in_community else None
            changed = (office.demo.set_up(film(), named, who=WHO),)
        rows = [
            {"community": unit.id, "name": unit.name, "bundle": office.publish.version(unit.id)} for unit in changed
        ]
    said = "demo settings removed from" if remove else "demo settings handed down to"
    show(rows, as_json=as_json, line=said + " {name} ({community}), version {bundle}")


def run(arguments: Sequence[str] | None = None) -> None:
    """Run a command, by default the command line's; a fault is one message on standard error and exit code 2."""
    runner.run(app, "sync.office", arguments)


if __name__ == "__main__":
    logs.configure()
    run()
