"""pass bulk | template | sheet: many passes at once, out of a list and onto paper."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from sync.office.cli import files
from sync.office.cli.bars import progress
from sync.office.cli.common import WHO, AsJson, CommunityId, Url, Var, community, opened, show
from sync.office.cli.passes.register import Days, Medium
from sync.office.errors import OfficeError
from sync.office.office import Office
from sync.office.passes import paper as papers
from sync.office.passes import workbook
from sync.office.passes.batches import Batch, Row
from sync.office.values import EVERYTHING, IssuedPass, PassFilter

app = typer.Typer()

PaperSize = Annotated[str, typer.Option("--paper", help="a4 (eight on a page, to be cut) or a6 (one on a page)")]
Out = Annotated[Path, typer.Argument(help="File to write.")]


@app.command("bulk")
def bulk(
    file: Annotated[Path, typer.Argument(help="An .xlsx as `pass template` makes it.")],
    days: Days = 14,
    medium: Medium = "paper",
    check: Annotated[bool, typer.Option("--check", help="Only say what is wrong; issue nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Issue without asking.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Also for people who have a valid pass.")] = False,
    pdf: Annotated[Path | None, typer.Option("--pdf", help="Write a sheet with the new passes.")] = None,
    paper: PaperSize = "a4",
    in_community: CommunityId = None,
    url: Url = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """Issue passes to a list of people; rows with a problem are told and left out.

    Example: python -m sync.office pass bulk people.xlsx --yes --pdf passes.pdf
    """
    _check_paper(paper)
    with opened(url, var) as office:
        listed = workbook.read(files.load(file, workbook.MOST_BYTES), days=days, medium=medium)
        batch = office.batches.draft(community(office, in_community).id, file.name, listed.lines, who=WHO)
        if not as_json:
            _tell(batch, listed.ignored)
        if check or not (yes or _agreed(batch, again=again)):
            office.batches.discard(batch.id, EVERYTHING)
            show(_summary(batch, 0, None), as_json=as_json, line="{good} could be issued; nothing was")
            raise typer.Exit(1 if batch.bad else 0)
        issued = office.batches.confirm(batch.id, EVERYTHING, who=WHO, again=again)
        if pdf is not None:
            _write(office, PassFilter(batch=batch.id), pdf, paper)
    show(_summary(batch, issued.count, batch.id), as_json=as_json, line="{issued} passes issued, list {batch}")


@app.command("template")
def template(out: Out) -> None:
    """Write an empty list to fill in.

    Example: python -m sync.office pass template people.xlsx
    """
    files.save(out, workbook.template())


@app.command("sheet")
def sheet(
    out: Out,
    find: Annotated[str, typer.Option(help="A whole name, a household, a pass number or a serial.")] = "",
    batch: Annotated[str | None, typer.Option(help="The id of a list that was issued in bulk.")] = None,
    paper: PaperSize = "a4",
    in_community: CommunityId = None,
    url: Url = None,
    var: Var = None,
) -> None:
    """Write valid passes onto a sheet to be printed (PDF), oldest first; all of the community unless told which.

    Example: python -m sync.office pass sheet passes.pdf --find 3-2-501
    """
    _check_paper(paper)
    with opened(url, var) as office:
        wanted = PassFilter(words=find, batch=batch, community=community(office, in_community).id)
        count = _write(office, wanted, out, paper)
    typer.echo(f"{out}: {count} passes on {papers.pages(count, paper)} pages")


def _write(office: Office, wanted: PassFilter, out: Path, paper: str) -> int:
    passes = office.passes.in_clear(wanted, EVERYTHING, who=WHO, medium="paper")
    if not passes:
        raise OfficeError("no valid paper pass is among them: nothing to print")
    with progress("drawing", len(passes)) as advance:
        files.save(out, _drawn(office, passes, paper, advance))
    return len(passes)


def _drawn(office: Office, passes: Sequence[IssuedPass], paper: str, advance: Callable[[int], None]) -> bytes:
    return papers.sheet(passes, paper, office.settings.zone, office.now(), advance)


def _check_paper(paper: str) -> None:
    if paper not in papers.PAPERS:
        raise OfficeError(f"--paper is one of {', '.join(papers.PAPERS)}")


def _agreed(batch: Batch, *, again: bool) -> bool:
    count = len(batch.good) - (0 if again else len(batch.holding))
    if not sys.stdin.isatty():
        raise OfficeError("nobody is here to ask: add --yes to issue, or --check to see only what is wrong")
    return typer.confirm(f"issue {count} passes?")


def _tell(batch: Batch, ignored: Sequence[str]) -> None:
    for line in _problems(batch.bad):
        typer.echo("row {row}, {column}: {zh} · {en}".format_map(line), err=True)
    for row in batch.holding:
        typer.echo(f"row {row.row}: has a valid pass, {row.valid}", err=True)
    if ignored:
        typer.echo(f"columns that were not read: {', '.join(ignored)}", err=True)


def _problems(rows: Sequence[Row]) -> list[dict[str, Any]]:
    return [
        {
            "row": row.row,
            "column": workbook.column(problem.field),
            "zh": problem.say.zh,
            "en": problem.say.en,
        }
        for row in rows
        for problem in row.problems
    ]


def _summary(batch: Batch, issued: int, batch_id: str | None) -> dict[str, Any]:
    return {
        "batch": batch_id,
        "people": len(batch.rows),
        "good": len(batch.good),
        "issued": issued,
        "problems": _problems(batch.bad),
        "holding": [{"row": row.row, "number": row.valid} for row in batch.holding],
    }
