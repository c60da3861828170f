"""A country's published rules out of the files that its health authority publishes, and what they change in a policy.

A file holds a rule, a value set, or several: rules in a list, value sets by name. Whatever else lies in the folder
(tests, licences) is left out and named. One rule that cannot be used refuses all: without it the others let more in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kiosk.model import Verdict
from kiosk.screening import acceptance, published_rules
from sync.office.trust.files import File, Unreadable, json_value, refused

Document = Mapping[str, Any]
Name = tuple[str, str]  # identifier and version

OTHERS = "of another country"


@dataclass(frozen=True, slots=True)
class Published:
    """The rules that count in one country, its value sets, and what was left out, each with its place and why."""

    country: str
    rules: Mapping[Name, Document]
    value_sets: Mapping[str, Any]
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Changes:
    """Rules by what becomes of them, `GR-DE-0001 1.0.0` each, and the value sets that are new or say something else."""

    new: tuple[str, ...]
    changed: tuple[str, ...]
    gone: tuple[str, ...]
    same: int
    value_sets: tuple[str, ...]

    @property
    def nothing(self) -> bool:
        return not (self.new or self.changed or self.gone or self.value_sets)


def read(files: Sequence[File], country: str) -> Published:
    """What `files` hold for gates in `country`. Raises Refused for what is no JSON, a wrong rule, no rule."""
    heap = _Heap(country)
    for file in files:
        heap.take(file)
    if not heap.rules and not heap.faults:
        heap.faults.append(f"no acceptance rule of {country} in these files")
    if heap.faults:
        raise refused(heap.faults)
    return Published(country, heap.rules, heap.value_sets, tuple(heap.left_out))


def merged(document: Document, found: Published, verdict: Verdict | None, *, replaces: bool) -> dict[str, Any]:
    """The policy with these rules and value sets; `replaces` drops the others. Whom they are for, and what becomes of
    those they do not accept, stays as it is unless `verdict` says it."""
    held = _held(document, found.country)
    if replaces:
        document = {**document, "acceptance": {**held, "country": found.country, "rules": [], "valuesets": {}}}
    return acceptance.into(
        document,
        country=found.country,
        rules=found.rules.values(),
        value_sets=found.value_sets,
        verdict=verdict or Verdict(held.get("verdict", Verdict.CHECK)),
    )


def between(old: Document, new: Document, country: str) -> Changes:
    """What differs in the country's rules and value sets from one policy to another."""
    before, after = (_named(_held(document, country)) for document in (old, new))
    sets = [_held(document, country).get("valuesets", {}) for document in (old, new)]
    both = before.keys() & after.keys()
    changed = sorted(name for name in both if before[name] != after[name])
    return Changes(
        new=_spelt(after.keys() - before.keys()),
        changed=_spelt(changed),
        gone=_spelt(before.keys() - after.keys()),
        same=len(both) - len(changed),
        value_sets=tuple(sorted(name for name, codes in sets[1].items() if sets[0].get(name) != codes)),
    )


@dataclass(slots=True)
class _Heap:
    """What was found so far."""

    country: str
    rules: dict[Name, Document] = field(default_factory=dict)
    value_sets: dict[str, Any] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def take(self, file: File) -> None:
        place = file.place or file.name
        try:
            document = json_value(file.content)
        except Unreadable as error:
            (self.faults if place.endswith(".json") else self.left_out).append(f"{place}: {error}")
            return
        if not self._taken(document, place):
            self.left_out.append(f"{place}: neither rules nor value sets")

    def _taken(self, document: Any, place: str) -> bool:
        """Whether there was anything in the document that belongs here."""
        if isinstance(document, list) and document and all(map(_is_rule, document)):
            for number, rule in enumerate(document):
                self._rule(rule, f"{place}[{number}]")
            return True
        if _is_rule(document):
            self._rule(document, place)
            return True
        found = dict(_sets(document))
        self.value_sets |= found
        return bool(found)

    def _rule(self, rule: Document, place: str) -> None:
        if wrong := list(published_rules.problems(rule)):
            self.faults += [f"{place}: {problem}" for problem in wrong]
            return
        if rule["Type"] != published_rules.INVALIDATION and rule["Country"].upper() != self.country:
            self.left_out.append(f"{place}: {OTHERS}")
            return
        name = (rule["Identifier"], rule["Version"])
        if self.rules.setdefault(name, rule) != rule:
            self.faults.append(f"{place}: {' '.join(name)} is there twice, and not the same")


def _is_rule(document: Any) -> bool:
    return isinstance(document, Mapping) and "Identifier" in document and "Logic" in document


def _sets(document: Any) -> Iterator[tuple[str, Any]]:
    """The value sets in a document: one as it is published, a list of such, or any number by their names."""
    if isinstance(document, list):
        for each in document:
            yield from _sets(each) if isinstance(each, Mapping) and "valueSetId" in each else ()
    elif isinstance(document, Mapping) and isinstance(document.get("valueSetId"), str):
        if isinstance(document.get("valueSetValues"), Mapping):
            yield document["valueSetId"], acceptance.codes(document)
    elif isinstance(document, Mapping) and all(map(_are_codes, document.values())):
        yield from document.items()


def _are_codes(listed: Any) -> bool:
    return isinstance(listed, list) and all(isinstance(code, str) for code in listed)


def _held(document: Document, country: str) -> Document:
    held = document.get("acceptance") or {}
    return held if held.get("country") == country else {}


def _named(held: Document) -> dict[Name, Document]:
    return {(rule.get("Identifier", ""), rule.get("Version", "")): rule for rule in held.get("rules", ())}


def _spelt(names: Any) -> tuple[str, ...]:
    return tuple(" ".join(name) for name in sorted(names))
