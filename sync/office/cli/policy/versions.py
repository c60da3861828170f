"""What the policy commands share: how a version is named on the command line, read, and printed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from kiosk.model import iso
from sync.office.cli.common import WHO, community
from sync.office.errors import OfficeError
from sync.office.office import Office
from sync.office.policy import vocabulary
from sync.office.policy.store import named
from sync.office.policy.values import Version
from sync.office.values import EVERYTHING

CURRENT = "current"  # names the policy in force
LINE = "{name}  {state}"
Source = Annotated[str, typer.Option("--from", help="The version to begin with")]
Into = Annotated[str | None, typer.Option(help="Replace what stands in this draft")]
NamedVersion = Annotated[str, typer.Argument(help="A version: its number, community@3, or its id")]


def version_of(office: Office, in_community: str | None, text: str) -> Version:
    """The community's version that `text` means. Raises NotFound."""
    return named(office.policies.list(community(office, in_community).id, EVERYTHING), text)


def document_of(office: Office, in_community: str | None, text: str) -> dict[str, Any]:
    """What stands in that version, or in the one in force. Raises NotFound."""
    if text == CURRENT:
        return dict(office.policies.in_force(community(office, in_community).id, EVERYTHING).current)
    return dict(version_of(office, in_community, text).document)


def drafted(
    office: Office, in_community: str | None, document: Mapping[str, Any], based_on: str, into: str | None
) -> Version:
    """A new draft that says `document`, or the draft named `into`, which then says it. Raises NotFound, Refused."""
    if into is None:
        return office.policies.start(community(office, in_community).id, document, based_on, EVERYTHING, who=WHO)
    old = version_of(office, in_community, into)
    return office.policies.change(old.id, lambda _: document, EVERYTHING, who=WHO, what=f"from {based_on}")


def read(file: Path) -> bytes:
    """Raises OfficeError."""
    try:
        return typer.get_binary_stream("stdin").read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise OfficeError(f"{file}: cannot be read ({error.strerror})") from error


def row(document: Mapping[str, Any], state: str, version: Version | None) -> dict[str, Any]:
    """A version as it is printed, by LINE or as JSON."""
    rules = document.get("rule")
    said: dict[str, Any] = {
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
        said |= {f"{step}_at": at and iso(at), f"{step}_by": by or None}
    more = {name: getattr(version, name, None) or None for name in ("note", "reason")}
    until = version and version.effective_from
    return said | more | {"effective_from": until and iso(until)}
