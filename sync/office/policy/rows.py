"""Rows of `policy`: found, locked, read as values, moved on by one step with its audit note."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, func, select, update

from sync.office import sections
from sync.office.audit import Audit
from sync.office.db.policies import PolicyRow
from sync.office.db.types import has_id
from sync.office.errors import NotFound, Refused
from sync.office.policy.values import State, Version
from sync.office.scope import within
from sync.office.values import Scope

LONGEST_NOTE = 500
LARGEST = 1_000_000  # bytes of a document


def locked(tx: Connection, version_id: str, scope: Scope) -> Version:
    """The version, kept for this transaction. Raises NotFound."""
    wanted = select(PolicyRow).where(has_id(PolicyRow.id, version_id), within(PolicyRow.community_id, scope))
    row = tx.execute(wanted.with_for_update(of=PolicyRow)).one_or_none()
    if row is None:
        raise NotFound(f"no policy {version_id}")
    return read(row)


def read(row: Any) -> Version:
    columns = {name: getattr(row, name) for name in Version.__dataclass_fields__ if hasattr(row, name)}
    state, document = State(row.state), msgspec.json.decode(row.document, type=dict[str, Any])
    return Version(**{**columns, "community": row.community_id, "state": state, "document": document})


def where(tx: Connection, *conditions: ColumnElement[bool]) -> tuple[Version, ...]:
    """Newest first."""
    wanted = select(PolicyRow).where(*conditions).order_by(PolicyRow.number.desc())
    return tuple(read(row) for row in tx.execute(wanted))


def write(tx: Connection, version: Version, **values: Any) -> None:
    if "document" in values:
        values["document"] = text(values["document"])
    tx.execute(update(PolicyRow).where(PolicyRow.id == version.id).values(**values))


def text(document: Mapping[str, Any]) -> str:
    """The document as it is kept. Raises Refused for one that is too large or cannot be written."""
    try:
        encoded = sections.encode(document)
    except (TypeError, ValueError, RecursionError) as error:
        raise Refused(f"the policy cannot be kept: {error}") from error
    if len(encoded) > LARGEST:
        raise Refused(f"a policy has at most {LARGEST} bytes")
    return encoded.decode()


def expect(version: Version, *states: State) -> None:
    """Raises Refused unless the version has come exactly this far."""
    if version.state not in states:
        raise Refused(f"{version.name} is {version.state}, not {' or '.join(states)}: somebody was quicker")


def note(audit: Audit, tx: Connection, who: str, what: str, version: Version, detail: str = "") -> None:
    said = f"{version.name} {detail}".strip()
    audit.note(tx, who, f"policy.{what}", version.id, said, version.community)


def words(given: str, what: str) -> str:
    """A reason or note without blanks around it. Raises Refused when it is missing or too long."""
    if not 0 < len(plain := given.strip()) <= LONGEST_NOTE:
        raise Refused(f"{what}: 1 to {LONGEST_NOTE} characters")
    return plain


def highest(tx: Connection, community_id: str, *conditions: ColumnElement[bool]) -> int:
    """The highest number among the community's versions, 0 without any."""
    wanted = select(func.max(PolicyRow.number)).where(PolicyRow.community_id == community_id, *conditions)
    return tx.scalar(wanted) or 0
