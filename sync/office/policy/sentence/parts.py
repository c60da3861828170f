"""What a sentence consists of: statements, groups of them, and what no sentence says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kiosk.model import Saying

ALL, ANY, NONE, NOT_ALL = "all", "any", "none", "not-all"
JOINS = (ALL, ANY, NONE, NOT_ALL)
RELATIONS: Mapping[str, tuple[str, ...]] = {
    "yes-no": ("is", "is-not"),
    "text": ("eq", "ne", "in", "not-in", "same", "differs"),
    "number": ("ge", "gt", "le", "lt", "eq", "ne"),
    "time": ("before", "not-after", "after", "not-before"),
    "list": ("has", "has-not"),
}
NEGATED = {"is": "is-not", "eq": "ne", "in": "not-in", "same": "differs", "has": "has-not"}
PLAIN = {negative: positive for positive, negative in NEGATED.items()}
NUMBERS = {"lt": "<", "le": "<=", "gt": ">", "ge": ">="}
SYMBOLS = {symbol: relation for relation, symbol in NUMBERS.items()}

NOTHING = "[]"  # how the default of a list is typed: counted as empty


@dataclass(frozen=True, slots=True)
class Part:
    """One statement. `value` is what it compares with: a text, the texts of a list, a number or a fact's path as
    text, a time as `now`, `-48h`, or a fact's path. `absent` is what counts where the fact is not there; None leaves
    that undecided."""

    fact: str
    relation: str
    value: tuple[str, ...] = ()
    absent: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Statements joined. `all` without any is always true."""

    join: str
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Free:
    """CertLogic that no sentence says, as JSON text; it may be wrong while somebody types."""

    text: str


Node = Part | Group | Free


class Unsaid(ValueError):
    """A sentence that says nothing yet: `problems` maps a part's place (`w.0`) to words."""

    def __init__(self, problems: Mapping[str, Saying]) -> None:
        self.problems = dict(problems)
        super().__init__("; ".join(f"{place}: {say.en}" for place, say in problems.items()))
