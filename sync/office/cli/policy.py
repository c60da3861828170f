"""policy show, export, draft, check, try, submit, approve, reject, withdraw, publish, history, diff, rollback."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from kiosk.errors import PolicyError
from kiosk.model import iso
from sync.office.cli import policy_trial
from sync.office.cli.common import WHO, AsJson, CommunityId, Url, Var, community, opened, show
from sync.office.errors import OfficeError
from sync.office.office import Office
from sync.office.policy import checks, difference, upload, vocabulary
from sync.office.policy.store import named
from sync.office.policy.values import Version
from sync.office.values import EVERYTHING

app = typer.Typer(help="Screening policies: drafts, approval, hand-down, history.", no_args_is_help=True)

CURRENT = "current"  # names the policy in force
LINE = "{name}  {state}"
NamedVersion = Annotated[str, typer.Argument(help="A version: its number, community@3, or its id")]
PolicyFile = Annotated[Path, typer.Argument(help="TOML or JSON; - is standard input")]


@app.command("show")
def show_current(in_community: CommunityId = None, url: Url = None, var: Var = None, as_json: AsJson = False) -> None:
    """What is in force, what is announced, and which drafts are open.

    Example: python -m sync.office policy show
    """
    with opened(url, var) as office:
        unit = community(office, in_community)
        force = office.policies.in_force(unit.id, EVERYTHING)
        rows = [_line(force.current, "in force", force.version)]
        if force.following is not None and force.changes_at is not None:
            rows.append(_line(force.following, f"from {iso(force.changes_at)}", force.announced))
        opens = [
            version
            for version in office.policies.list(unit.id, EVERYTHING)
            if version.state in ("draft", "submitted", "approved", "rejected")
        ]
        rows += [_line(version.document, version.state, version) for version in opens]
    show(rows, as_json=as_json, line="{name:18} {state:32} tier {tier}  {rules} rules  {changed_by}")


@app.command("export")
def export(
    version: Annotated[str, typer.Argument(help="A version, or `current`")] = CURRENT,
    in_community: CommunityId = None,
    url: Url = None,
    var: Var = None,
) -> None:
    """Print a version as JSON, the form in which `policy draft` takes it again.

    Example: python -m sync.office policy export current
    """
    with opened(url, var) as office:
        document = _document(office, in_community, version)
    typer.echo(json.dumps(document, ensure_ascii=False, indent=2))


@app.command("draft")
def draft(
    file: Annotated[Path | None, typer.Argument(help="TOML or JSON; without it the draft begins as --from")] = None,
    source: Annotated[str, typer.Option("--from", help="The version to begin with")] = CURRENT,
    into: Annotated[str | None, typer.Option(help="Replace what stands in this draft")] = None,
    in_community: CommunityId = None,
    url: Url = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """Begin a draft, out of a file or of a version. What is wrong with it is said at once, and again at submitting.

    Example: python -m sync.office policy draft street.toml --community 幸福社区
    """
    with opened(url, var) as office:
        base = _document(office, in_community, source)
        document = upload.document(_read(file)) if file else base
        if into is None:
            unit = community(office, in_community)
            based_on = str(file) if file else f"{base.get('id')}@{base.get('version')}"
            made = office.policies.start(unit.id, document, based_on, EVERYTHING, who=WHO)
        else:
            old = _version(office, in_community, into)
            made = office.policies.change(old.id, lambda _: document, EVERYTHING, who=WHO, what=f"from {file}")
    for problem in checks.problems(made.document):
        typer.echo(problem, err=True)
    show(_line(made.document, made.state, made), as_json=as_json, line=LINE)


@app.command("check")
def check(file: PolicyFile, as_json: AsJson = False) -> None:
    """Say everything that keeps a policy from being handed down, with its place. Exit code 1 when there is anything.

    Example: python -m sync.office policy check street.toml
    """
    try:
        problems = checks.problems(upload.document(_read(file)))
    except PolicyError as error:
        problems = error.problems
    show([{"problem": problem} for problem in problems], as_json=as_json, line="{problem}")
    if problems:
        raise typer.Exit(1)
    if not as_json:
        typer.echo(f"{file}: can be handed down")


@app.command("try")
def try_on_the_past(
    draft: Annotated[str, typer.Option(help="A file, or a version")],
    days: Annotated[int, typer.Option(min=1, max=31, help="How many days back")] = 7,
    in_community: CommunityId = None,
    url: Url = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """Run a draft on the passages of the past, and say per gate and hour how many verdicts it would change.

    Example: python -m sync.office policy try --draft street.toml --days 7
    """
    with opened(url, var) as office:
        path = Path(draft)
        document = upload.document(_read(path)) if path.exists() else _document(office, in_community, draft)
        policy_trial.run(office, community(office, in_community), checks.check(document), days, as_json=as_json)


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


@app.command("history")
def history(in_community: CommunityId = None, url: Url = None, var: Var = None, as_json: AsJson = False) -> None:
    """Every version, newest first: who made, submitted, approved and published it, and when.

    Example: python -m sync.office policy history --json
    """
    with opened(url, var) as office:
        versions = office.policies.list(community(office, in_community).id, EVERYTHING)
        rows = [_line(version.document, version.state, version) for version in versions]
    line = "{name:18} {state:10} by {made_by}, submitted {submitted_by}, approved {decided_by}, {published_at} {note}"
    show(rows, as_json=as_json, line=line)


@app.command("diff")
def diff(
    old: Annotated[str, typer.Argument(help="A version, or `current`")],
    new: Annotated[str, typer.Argument(help="Another one")],
    in_community: CommunityId = None,
    url: Url = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """What differs between two versions, in words.

    Example: python -m sync.office policy diff current 3
    """
    with opened(url, var) as office:
        before, after = (_document(office, in_community, version) for version in (old, new))
    rows: list[dict[str, Any]] = [
        {
            "kind": one.kind,
            "what": one.what.zh,
            "what_en": one.what.en,
            "lines": [{"zh": s.zh, "en": s.en} for s in one.lines],
        }
        for one in difference.between(before, after)
    ]
    if not as_json:
        rows = [{**row, "said": "; ".join(line["zh"] for line in row["lines"])} for row in rows]
    show(rows, as_json=as_json, line="{kind:8} {what}: {said}")


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
        show(_line(version.document, version.state, version), as_json=as_json, line=LINE)

    with opened(url, var) as office:
        yield office, _version(office, in_community, named), say


def _version(office: Office, in_community: str | None, text: str) -> Version:
    return named(office.policies.list(community(office, in_community).id, EVERYTHING), text)


def _document(office: Office, in_community: str | None, text: str) -> dict[str, Any]:
    if text == CURRENT:
        return dict(office.policies.in_force(community(office, in_community).id, EVERYTHING).current)
    return dict(_version(office, in_community, text).document)


def _read(file: Path) -> bytes:
    try:
        return typer.get_binary_stream("stdin").read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise OfficeError(f"{file}: cannot be read ({error.strerror})") from error


def _moment(office: Office, text: str) -> datetime:
    try:
        read = datetime.fromisoformat(text)
    except ValueError as error:
        raise OfficeError(f"--at: {text!r} is no time such as 2026-11-23T00:00") from error
    return read if read.tzinfo else read.replace(tzinfo=office.settings.zone)


def _line(document: Mapping[str, Any], state: str, version: Version | None) -> dict[str, Any]:
    rules = document.get("rule")
    row: dict[str, Any] = {
        "name": f"{document.get('id')}@{document.get('version')}",
        "state": str(state),
        "tier": document.get("tier", 0),
        "tier_words": vocabulary.tier(document.get("tier", 0)).en,
        "rules": len(rules) if isinstance(rules, list) else 0,
        "id": version and version.id,
        "based_on": version and version.based_on,
    }
    steps = ("made", "changed", "submitted", "decided", "published")
    for step in steps:
        at, by = (getattr(version, f"{step}_{what}", None) for what in ("at", "by"))
        row |= {f"{step}_at": at and iso(at), f"{step}_by": by or None}
    more = {name: getattr(version, name, None) or None for name in ("note", "reason")}
    until = version and version.effective_from
    return row | more | {"effective_from": until and iso(until)}
