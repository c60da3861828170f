"""policy show | export | draft | check | try | history | diff: what policies say, and drafts of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from kiosk.errors import PolicyError
from kiosk.model import iso
from sync.office.cli.common import AsJson, CommunityId, Url, Var, community, opened, show
from sync.office.cli.policy import trial
from sync.office.cli.policy.versions import CURRENT, LINE, Into, Source, document_of, drafted, read, row
from sync.office.policy import checks, difference, upload
from sync.office.values import EVERYTHING

app = typer.Typer()

PolicyFile = Annotated[Path, typer.Argument(help="TOML or JSON; - is standard input")]


@app.command("show")
def show_current(in_community: CommunityId = None, url: Url = None, var: Var = None, as_json: AsJson = False) -> None:
    """What is in force, what is announced, and which drafts are open.

    Example: python -m sync.office policy show
    """
    with opened(url, var) as office:
        unit = community(office, in_community)
        force = office.policies.in_force(unit.id, EVERYTHING)
        rows = [row(force.current, "in force", force.version)]
        if force.following is not None and force.changes_at is not None:
            rows.append(row(force.following, f"from {iso(force.changes_at)}", force.announced))
        opens = [
            version
            for version in office.policies.list(unit.id, EVERYTHING)
            if version.state in ("draft", "submitted", "approved", "rejected")
        ]
        rows += [row(version.document, version.state, version) for version in opens]
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
        document = document_of(office, in_community, version)
    typer.echo(json.dumps(document, ensure_ascii=False, indent=2))


@app.command("draft")
def draft(
    file: Annotated[Path | None, typer.Argument(help="TOML or JSON; without it the draft begins as --from")] = None,
    source: Source = CURRENT,
    into: Into = None,
    in_community: CommunityId = None,
    url: Url = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """Begin a draft, out of a file or of a version. What is wrong with it is said at once, and again at submitting.

    Example: python -m sync.office policy draft street.toml --community 幸福社区
    """
    with opened(url, var) as office:
        base = document_of(office, in_community, source)
        document = upload.document(read(file)) if file else base
        based_on = str(file) if file else f"{base.get('id')}@{base.get('version')}"
        made = drafted(office, in_community, document, based_on, into)
    for problem in checks.problems(made.document):
        typer.echo(problem, err=True)
    show(row(made.document, made.state, made), as_json=as_json, line=LINE)


@app.command("check")
def check(file: PolicyFile, as_json: AsJson = False) -> None:
    """Say everything that keeps a policy from being handed down, with its place. Exit code 1 when there is anything.

    Example: python -m sync.office policy check street.toml
    """
    try:
        problems = checks.problems(upload.document(read(file)))
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
        document = upload.document(read(path)) if path.exists() else document_of(office, in_community, draft)
        trial.run(office, community(office, in_community), checks.check(document), days, as_json=as_json)


@app.command("history")
def history(in_community: CommunityId = None, url: Url = None, var: Var = None, as_json: AsJson = False) -> None:
    """Every version, newest first: who made, submitted, approved and published it, and when.

    Example: python -m sync.office policy history --json
    """
    with opened(url, var) as office:
        versions = office.policies.list(community(office, in_community).id, EVERYTHING)
        rows = [row(version.document, version.state, version) for version in versions]
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
        before, after = (document_of(office, in_community, version) for version in (old, new))
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
