"""Keyed marks by which a sealed pass is found again: same name, same person, same household, told by nobody else."""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

AROUND = re.compile(r"[\s·.]+")
PARTS = re.compile(r"(?:号楼|单元|楼栋|[栋幢座楼号,，/、_—–-])+")
ENDS = re.compile(r"[室户房]+$")


@dataclass(frozen=True, slots=True)
class Marks:
    """Of one pass; None where it says nothing."""

    name: str
    person: str | None
    household: str | None


class Marker:
    """Marks under each community's own key, which `key_of` answers by the community's id."""

    def __init__(self, key_of: Callable[[str], bytes]) -> None:
        self._key_of = key_of
        self._keys: dict[str, bytes] = {}

    def of(self, community: str, name: str, id_last4: str, household: str) -> Marks:
        """A person is known by name and last four, or by name and household where there is no document."""
        home = place(household)
        person = f"{folded(name)}|{id_last4.upper() or home}" if id_last4 or home else None
        return Marks(
            name=self.name(community, name),
            person=person and self._mark(community, "person", person),
            household=self.household(community, household),
        )

    def name(self, community: str, name: str) -> str:
        return self._mark(community, "name", folded(name))

    def household(self, community: str, household: str) -> str | None:
        home = place(household)
        return self._mark(community, "household", home) if home else None

    def _mark(self, community: str, kind: str, text: str) -> str:
        if community not in self._keys:
            self._keys[community] = self._key_of(community)
        return hmac.new(self._keys[community], f"pass-{kind}:{text}".encode(), hashlib.sha256).hexdigest()


def folded(text: str) -> str:
    """Half width, upper case, without blanks and middle dots: 阿依古丽·买买提 however its dot was typed."""
    return AROUND.sub("", unicodedata.normalize("NFKC", text).replace("•", "·").replace("・", "·")).upper()


def place(household: str) -> str:
    """3栋2单元501室 and 3-2-501 are one household: 3-2-501."""
    return PARTS.sub("-", ENDS.sub("", folded(household))).strip("-")
