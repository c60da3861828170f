"""policy rules: a country's published acceptance rules, out of files into a draft."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from kiosk.model import Verdict
from sync.office.cli import files
from sync.office.cli.asking import Yes, to_apply
from sync.office.cli.common import AsJson, CommunityId, Url, Var, opened, show
from sync.office.cli.policy.versions import CURRENT, LINE, Into, Source, document_of, drafted, row
from sync.office.errors import Refused
from sync.office.policy import checks, published
from sync.office.policy.published import Changes
from sync.office.trust.files import gather

app = typer.Typer()

SHOWN = 20  # of each kind of change, and of what was left out; --json has all of them
SEVERE = [verdict.value for verdict in Verdict if verdict is not Verdict.ADMIT]

Published = Annotated[
    list[Path], typer.Argument(metavar="FILES...", help="Rules and value sets as published, or a folder of them")
]
NotAccepted = Annotated[
    str | None, typer.Option(help=f"Of whom they do not accept: {', '.join(SEVERE)}; check unless it was said.")
]


@app.command("rules")
def rules(
    paths: Published,
    country: Annotated[str, typer.Option(help="Whose rules judge, for example DE.")],
    verdict: NotAccepted = None,
    replace: Annotated[bool, typer.Option("--replace", help="Drop every rule that is not in the files.")] = False,
    source: Source = CURRENT,
    into: Into = None,
    yes: Yes = False,
    in_community: CommunityId = None,
    url: Url = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """Put a country's published rules for EU certificates into a draft: shows what would change, and asks.

    Example: python -m sync.office policy rules rules/DE valuesets/ --country DE --verdict refuse --yes
    """
    found = published.read(gather(paths), _country(country))
    with opened(url, var) as office:
        base = document_of(office, in_community, into or source)
        document = published.merged(base, found, _verdict(verdict), replaces=replace)
        said = _said(published.between(base, document, found.country), found)
        if not as_json:
            _tell(said)
        if applied := to_apply("Begin this draft?", nothing=document == base, yes=yes, as_json=as_json):
            made = drafted(office, in_community, document, files.names(paths), into)
            said |= row(made.document, made.state, made)
    for problem in checks.problems(document):
        typer.echo(problem, err=True)
    show(said | {"applied": applied}, as_json=as_json, line=LINE if applied else "nothing was changed")


def _country(text: str) -> str:
    if len(text) != 2 or not text.isascii() or not text.isalpha():
        raise Refused(f"--country: {text!r} is no country such as DE, in two letters")
    return text.upper()


def _verdict(text: str | None) -> Verdict | None:
    if text is not None and text not in SEVERE:
        raise Refused(f"--verdict is one of {', '.join(SEVERE)}: who is not accepted cannot be admitted")
    return None if text is None else Verdict(text)


def _said(changes: Changes, found: published.Published) -> dict[str, Any]:
    return {
        "country": found.country,
        "new": list(changes.new),
        "changed": list(changes.changed),
        "gone": list(changes.gone),
        "same": changes.same,
        "value_sets": list(changes.value_sets),
        "left_out": list(found.left_out),
    }


def _tell(said: dict[str, Any]) -> None:
    for word in ("new", "changed", "gone", "value_sets", "left_out"):
        for each in said[word][:SHOWN]:
            typer.echo(f"{word.replace('_', ' '):10} {each}")
        if len(said[word]) > SHOWN:
            typer.echo(f"{word.replace('_', ' '):10} and {len(said[word]) - SHOWN} more")
    counts = {word: len(said[word]) for word in ("new", "changed", "gone", "value_sets", "left_out")}
    line = "new {new}, changed {changed}, gone {gone}, same {same}; value sets {value_sets}; left out {left_out}"
    typer.echo(line.format_map(said | counts))
