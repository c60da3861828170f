"""The office's command line: python -m sync.office …"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated

import typer

from kiosk import logs
from kiosk.cli import runner
from sync.office.cli import (
    courier,
    gates,
    log,
    parked,
    passes,
    people,
    person,
    policy,
    proof,
    retention,
    revocation,
    trust,
    units,
)
from sync.office.cli.common import WHO, AsJson, CommunityId, Url, Var, community, opened, show
from sync.office.cli.lists import declarations, places, regions, roster, watch

app = typer.Typer(
    name="sync.office",
    help="Gatehouse at the street office: receive what gates record, hand down what they need.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("init")(units.init)
app.command("entries")(log.entries)
app.command("verify")(proof.verify)
app.command("export")(proof.export)
app.add_typer(gates.app, name="gate")
app.add_typer(courier.app, name="carry")
app.add_typer(people.app, name="user")
app.add_typer(passes.app, name="pass")
app.add_typer(passes.app, name="passes", hidden=True)  # as it was called first
app.add_typer(trust.app, name="trust")
app.add_typer(revocation.app, name="revocation")
app.add_typer(policy.app, name="policy")
app.add_typer(parked.app, name="parked")
app.add_typer(watch.app, name="watch")
app.add_typer(roster.app, name="roster")
app.add_typer(regions.app, name="regions")
app.add_typer(places.app, name="places")
app.add_typer(declarations.app, name="declarations")
app.add_typer(person.app, name="person")
app.add_typer(retention.app, name="retention")
app.add_typer(units.app, name="unit")


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
    from flask import Flask

    from sync.office import settings
    from sync.office.office import Office
    from sync.office.retention.clockwork import Clockwork
    from web.app import create_office_app
    from web.server import Listening
    from web.server import serve as serve_app

    wanted = settings.load(url=url, var=var, listen=listen)
    Office.open(wanted).close()  # what is wrong with database or keys is said here, once, and not by every worker

    def make() -> tuple[Flask, Callable[[], None]]:
        office = Office.open(wanted)
        keeping = Clockwork(office.retention)
        keeping.start()

        def stop() -> None:
            keeping.stop()
            office.close()

        return create_office_app(office), stop

    serve_app(make, Listening(wanted.listen, workers=workers, threads=threads))


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
