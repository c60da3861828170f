"""policy submit | approve | reject | withdraw | publish | rollback: a draft's way to the gates."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from sync.office.cli.common import WHO, AsJson, CommunityId, Url, Var, opened, show
from sync.office.cli.policy.versions import LINE, NamedVersion, row, version_of
from sync.office.errors import OfficeError
from sync.office.office import Office
from sync.office.policy.values import Version
from sync.office.values import EVERYTHING

app = typer.Typer()


@app.command("submit")
def submit(
    version: NamedVersion,
    note: Annotated[str, typer.Option(help="What the change is for")],
    in_community: CommunityId = None,
    url: Url = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """Ask for a draft's approval. From then on it stays as it is.

    Example: python -m sync.office policy submit 2 --note 提高到二级
    """
    with _step(version, in_community, url, var, as_json) as (office, found, say):
        say(office.approval.submit(found.id, note, EVERYTHING, who=WHO))


@app.command("approve")
def approve(
    version: NamedVersion,
    sole: Annotated[
        bool, typer.Option("--sole", help="Nobody else could: the office has no more than one user.")
    ] = False,
    in_community: CommunityId = None,
    url: Url = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """Approve what somebody else submitted; the audit says who, and when it was one person alone.

    Example: python -m sync.office policy approve 2
    """
    with _step(version, in_community, url, var, as_json) as (office, found, say):
        say(office.approval.approve(found.id, found.digest, EVERYTHING, who=WHO, sole=sole))


@app.command("reject")
def reject(
    version: NamedVersion,
    why: Annotated[str, typer.Option(help="The reason, for whoever submitted it")],
    in_community: CommunityId = None,
    url: Url = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """Send a submitted version back.

    Example: python -m sync.office policy reject 2 --why 先看试运行
    """
    with _step(version, in_community, url, var, as_json) as (office, found, say):
        say(office.approval.reject(found.id, why, EVERYTHING, who=WHO))


@app.command("withdraw")
def withdraw(
    version: NamedVersion,
    why: Annotated[str, typer.Option(help="Needed for one that is announced")] = "",
    in_community: CommunityId = None,
    url: Url = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """Take back a version that waits for approval or publishing, or call off one that is announced.

    Example: python -m sync.office policy withdraw 2
    """
    with _step(version, in_community, url, var, as_json) as (office, found, say):
        if found.state == "published":
            say(office.approval.call_off(found.id, why, EVERYTHING, who=WHO))
        else:
            say(office.approval.withdraw(found.id, EVERYTHING, who=WHO))


@app.command("publish")
def publish(
    version: NamedVersion,
    at: Annotated[
        str | None,
        typer.Option(help="When it takes over, for example 2026-11-23T00:00 (the office's time); at once without"),
    ] = None,
    in_community: CommunityId = None,
    url: Url = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """Hand an approved version down: in force with the gates' next sync, or announced for a time.

    Example: python -m sync.office policy publish 2 --at 2026-11-23T00:00
    """
    with _step(version, in_community, url, var, as_json) as (office, found, say):
        moment = None if at is None else _moment(office, at)
        say(office.approval.publish(found.id, EVERYTHING, who=WHO, at=moment))


@app.command("rollback")
def rollback(
    version: NamedVersion, in_community: CommunityId = None, url: Url = None, var: Var = None, as_json: AsJson = False
) -> None:
    """Begin a draft with an old version's content, under a new number; it takes the same way as any other.

    Example: python -m sync.office policy rollback 2
    """
    with _step(version, in_community, url, var, as_json) as (office, old, say):
        say(office.policies.start(old.community, old.document, old.name, EVERYTHING, who=WHO))


@contextmanager
def _step(
    named: str, in_community: str | None, url: str | None, var: Path | None, as_json: bool
) -> Iterator[tuple[Office, Version, Callable[[Version], None]]]:
    """The office, the version that is named, and what prints what became of it."""

    def say(version: Version) -> None:
        show(row(version.document, version.state, version), as_json=as_json, line=LINE)

    with opened(url, var) as office:
        yield office, version_of(office, in_community, named), say


def _moment(office: Office, text: str) -> datetime:
    try:
        read = datetime.fromisoformat(text)
    except ValueError as error:
        raise OfficeError(f"--at: {text!r} is no time such as 2026-11-23T00:00") from error
    return read if read.tzinfo else read.replace(tzinfo=office.settings.zone)
