"""retention status | run | hold | release | certificates: what is kept how long, and the proof that it went."""

from __future__ import annotations

import json
from datetime import date
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

from kiosk.model import iso
from sync.office.cli.common import WHO, AsJson, CommunityId, Url, Var, community, opened, show
from sync.office.cli.log import day_of
from sync.office.errors import OfficeError
from sync.office.retention.values import Hold, Status
from sync.office.values import EVERYTHING

app = typer.Typer(help="What is kept how long: status, run, holds, certificates.", no_args_is_help=True)

HOLD_LINE = "{id}  {community_name}  {first} to {last}  {why}  by {made_by}"


@app.command("status")
def status(url: Url = None, var: Var = None, as_json: AsJson = False) -> None:
    """Show for how many days people can be read, the oldest readable day, and what is due; exit 1 when overdue.

    Example: python -m sync.office retention status
    """
    with opened(url, var) as office:
        found = office.retention.status()
        kept_from = office.retention.kept_from
    if as_json:
        typer.echo(json.dumps(_said(found), ensure_ascii=False))
    else:
        typer.echo(_in_words(found, kept_from))
    if not found.ok:
        raise typer.Exit(1)


@app.command("run")
def run(
    clock_is_right: Annotated[
        bool, typer.Option("--clock-is-right", help="Believe this machine's clock although no gate vouches for it.")
    ] = False,
    url: Url = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """Destroy the keys of all days whose time is over, each with a certificate. A serving office does so by itself.

    The first run after an upgrade also seals anew what is there, under the keys of its days; it may be stopped and run
    again. Example: python -m sync.office retention run
    """
    bar = Progress(
        "sealing anew", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=Console(stderr=True)
    )
    with opened(url, var) as office, bar:
        task = bar.add_task("", total=None, visible=False)

        def advance(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total, visible=total > 0)

        done = office.retention.run(who=WHO, clock_is_right=clock_is_right, advance=advance)
    if done.busy:
        raise OfficeError("another process is at it; see: python -m sync.office retention status")
    said = {"resealed": done.resealed, "destroyed": done.destroyed, "held": done.held, "doubt": done.doubt}
    show(said, as_json=as_json, line="{destroyed} days destroyed, {held} held, {resealed} parts sealed anew")
    if done.doubt:
        raise OfficeError(f"nothing was destroyed: {done.doubt} If it is: --clock-is-right")


@app.command("hold")
def hold(
    first: Annotated[str, typer.Argument(metavar="FIRST", help="For example 2026-11-20")],
    last: Annotated[str, typer.Argument(metavar="LAST", help="The last day, included")],
    why: Annotated[str, typer.Option(help="The reason, without names and numbers.")],
    in_community: CommunityId = None,
    url: Url = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """Keep days beyond their time, for a case that is not closed.

    Example: python -m sync.office retention hold 2026-11-20 2026-11-22 --why 疫情溯源未结
    """
    with opened(url, var) as office:
        named = community(office, in_community).id
        made = office.retention.holds.hold(named, _day(first), _day(last), why, EVERYTHING, who=WHO)
    show(_hold(made), as_json=as_json, line=HOLD_LINE)


@app.command("holds")
def holds(
    everything: Annotated[bool, typer.Option("--all", help="Also those that were released.")] = False,
    url: Url = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """The days that are kept beyond their time, and why.

    Example: python -m sync.office retention holds
    """
    with opened(url, var) as office:
        rows = [_hold(one) for one in office.retention.holds.list(EVERYTHING, only_open=not everything)]
    show(rows, as_json=as_json, line=HOLD_LINE)


@app.command("release")
def release(
    named: Annotated[str, typer.Argument(metavar="ID", help="See: retention holds")],
    url: Url = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """Let go of days that were held; those past their time are destroyed at the next run.

    Example: python -m sync.office retention release 01a20250-f443-701d-8626-cf5322aa9df9
    """
    with opened(url, var) as office:
        done = office.retention.holds.release(named, EVERYTHING, who=WHO)
    show(_hold(done), as_json=as_json, line=HOLD_LINE)


@app.command("certificates")
def certificates(url: Url = None, var: Var = None, as_json: AsJson = False) -> None:
    """Every certificate of what was destroyed, oldest first; with --json the signed statements, one a line.

    Example: python -m sync.office retention certificates --json > certificates.jsonl
    """
    with opened(url, var) as office:
        check = office.retention.certificates.check()
        for one in office.retention.certificates.all(EVERYTHING):
            signed = {"said": one.said, "digest": one.digest, "signature": one.signature}
            typer.echo(json.dumps(signed, ensure_ascii=False) if as_json else _line(one.said))
    if check.why:
        raise OfficeError(check.why)


def _line(said: Any) -> str:
    what = said.get("day") or said.get("request")
    how_much = f"{said['events']} events" if "events" in said else f"{said.get('parts')} parts"
    return f"{said['certificate']:>6}  {said['at']}  {said['kind']:<6}  {what}  {how_much}  by {said['by']}"


def _in_words(found: Status, kept_from: date) -> str:
    lines = [
        f"people can be read for {found.days} days; days before {kept_from} are to be destroyed",
        f"oldest readable day: {found.oldest or 'none'} ({found.keys} keys of days)",
        f"due: {found.due} ({found.overdue} overdue), held: {found.held}",
        f"last run: {iso(found.ran_at) if found.ran_at else 'never'}",
        f"certificates: {found.certificates}, {found.certificates_why or 'whole'}",
    ]
    if not found.resealed:
        lines.append("some of it may still lack its day's key: python -m sync.office retention run")
    if found.doubt:
        lines.append(f"nothing is destroyed by itself: {found.doubt}")
    return "\n".join(lines)


def _said(found: Status) -> dict[str, Any]:
    names = ("days", "keys", "due", "overdue", "held", "doubt", "resealed", "certificates", "ok")
    times = {"oldest": found.oldest and found.oldest.isoformat(), "ran_at": found.ran_at and iso(found.ran_at)}
    return {name: getattr(found, name) for name in names} | times


def _hold(one: Hold) -> dict[str, Any]:
    names = ("id", "community_name", "first", "last", "why", "made_by", "released_by")
    return {name: getattr(one, name) for name in names} | {"released_at": one.released_at and iso(one.released_at)}


def _day(text: str) -> date:
    found = day_of(text)
    if found is None:
        raise OfficeError("a day is missing; write it as 2026-11-22")
    return found
