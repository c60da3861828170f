"""Who may see which branch of the tree, as a condition on rows."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, select, true

from sync.office.db.tables import UnitRow
from sync.office.db.types import has_id
from sync.office.values import Scope


def within(column: Any, scope: Scope) -> ColumnElement[bool]:
    """The condition that `column` (a unit's id) lies in the scope's branch."""
    if scope.unit is None:
        return true()
    top = select(UnitRow.id).where(has_id(UnitRow.id, scope.unit)).cte("branch", recursive=True)
    branch = top.union_all(select(UnitRow.id).join(top, UnitRow.parent_id == top.c.id))
    condition: ColumnElement[bool] = column.in_(select(branch.c.id))
    return condition
