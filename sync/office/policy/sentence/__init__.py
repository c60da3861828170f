"""A rule's condition as the parts of a sentence, and back: fact · relation · value, joined by 并且, 或者, 非.

`read` never loses anything: what does not come out of `build` exactly as it went in stays CertLogic (`Free`), so that
opening a rule in the editor and saving it changes nothing.
"""

from sync.office.policy.sentence.building import build
from sync.office.policy.sentence.parts import (
    ALL,
    ANY,
    JOINS,
    NONE,
    NOT_ALL,
    NOTHING,
    RELATIONS,
    Free,
    Group,
    Node,
    Part,
    Unsaid,
)
from sync.office.policy.sentence.reading import read
from sync.office.policy.sentence.statement import fitted

__all__ = [
    "ALL",
    "ANY",
    "JOINS",
    "NONE",
    "NOTHING",
    "NOT_ALL",
    "RELATIONS",
    "Free",
    "Group",
    "Node",
    "Part",
    "Unsaid",
    "build",
    "fitted",
    "read",
]
