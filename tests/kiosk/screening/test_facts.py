"""The dictionary of facts: what build gives is what SCHEMA and docs/facts.md say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from kiosk.model import Holder, LabTest, Method, Reason, Vaccination, Verification
from kiosk.screening import policy
from kiosk.screening.schema import SCHEMA, entry, fits, markdown
from tests.kiosk.screening import vectors
from tests.kiosk.screening.cast import CAST
from tests.kiosk.screening.visits import NOW, PASS, TOKEN, Seen, visits

POLICY = policy.default()
DOCS = Path(__file__).parents[3] / "docs"


def _leaves(facts: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every fact with its path, lists themselves included."""
    if isinstance(facts, list):
        yield path, facts
        for index, item in enumerate(facts):
            yield from _leaves(item, f"{path}.{index}")
    elif isinstance(facts, dict):
        for key, item in facts.items():
            yield from _leaves(item, f"{path}.{key}" if path else key)
    else:
        yield path, facts


def _own(path: str) -> str:
    """A limit's or question's path as SCHEMA spells it."""
    group, _, name = path.partition(".")
    return f"{group}.*" if group in ("limits", "answers") and name else path


@given(seen=visits)
def test_every_fact_built_is_in_the_dictionary_and_of_its_kind(seen: Seen) -> None:
    for path, value in _leaves(seen.facts(POLICY)):
        fact = entry(_own(path))
        assert fact, path
        assert fits(fact, value), path
        assert not fact.values or value in fact.values, path


@given(seen=visits)
def test_what_is_always_there_is_always_there(seen: Seen) -> None:
    built = {_own(path) for path, _ in _leaves(seen.facts(POLICY))}
    assert {path for path, fact in SCHEMA.items() if fact.always} <= built


def test_a_pass_that_says_what_it_was_made_for_tells_it_and_no_other_code_does() -> None:
    paper = Seen(code=replace(PASS, medium="paper")).facts(POLICY)
    assert paper["pass"] == {"presented": True, "valid": True, "medium": "paper"}
    assert "medium" not in Seen().facts(POLICY)["pass"]
    assert "medium" not in Seen(code=replace(TOKEN, medium="paper")).facts(POLICY)["pass"]


def test_a_number_recorded_against_its_check_is_a_fact() -> None:
    assert Seen(unreadable=True).facts(POLICY)["person"]["unreadable"] is True
    assert "unreadable" not in Seen().facts(POLICY)["person"]


@given(seen=visits)
def test_facts_survive_json_unchanged(seen: Seen) -> None:
    facts = seen.facts(POLICY)
    assert json.loads(json.dumps(facts, allow_nan=False)) == facts


def test_the_people_of_the_vectors_are_all_in_the_cast() -> None:
    assert set(vectors.people()) == set(CAST)


@pytest.mark.parametrize("name", CAST)
def test_the_facts_of_the_vectors_people_are_what_build_gives(name: str) -> None:
    policys_own = {"tier": POLICY.tier, "limits": dict(POLICY.limits)}
    assert CAST[name].facts(POLICY) == vectors.people()[name] | policys_own


def test_what_is_not_known_is_not_there() -> None:
    facts = Seen(code=None, person=Holder(), reading=None, method=Method.HAND).facts(POLICY)
    assert facts["person"] == {"identified": False}
    assert facts["reading"] == {"taken": False}
    nothing = dict.fromkeys(("presented", "recognised", "verified", "copied", "stale"), False)
    assert facts["code"] == nothing | {"reason": ""}
    assert facts["answers"] == {}


@pytest.mark.parametrize(
    ("seen", "identified"),
    [
        (Seen(), True),
        (Seen(person=Holder()), False),
        (Seen(code=replace(PASS, verification=Verification.FAILED, reason=Reason.BAD_SIGNATURE)), False),
        (Seen(code=TOKEN, person=TOKEN.holder), False),
        (Seen(code=None, method=Method.HAND), True),
        (Seen(code=None, method=Method.TABLET, person=Holder(phone="13812348000")), False),
    ],
)
def test_only_a_verified_code_or_the_volunteer_identifies_somebody(seen: Seen, identified: bool) -> None:
    assert seen.facts(POLICY)["person"]["identified"] is identified


def test_tests_and_vaccinations_come_with_their_age() -> None:
    code = replace(
        PASS,
        tests=(LabTest("pcr", NOW - timedelta(hours=47, minutes=30), "negative"),),
        vaccinations=(Vaccination("BBIBP-CorV", 2, 2, "2021-06-01"),),
    )
    facts = Seen(code=code).facts(POLICY)["code"]
    assert facts["tests"] == [
        {"kind": "pcr", "result": "negative", "taken_at": "2026-11-20T04:00:00.000Z", "age_h": 47.5}
    ]
    assert facts["vaccinations"] == [{"product": "BBIBP-CorV", "dose": 2, "doses": 2, "date": "2021-06-01"}]


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        Seen(code=replace(PASS, valid_until=datetime(2026, 11, 29))).facts(POLICY)  # noqa: DTZ001


def test_the_page_of_facts_is_the_dictionary() -> None:
    hint = "run: python -c 'from kiosk.screening import schema; print(schema.markdown(), end=\"\")' > docs/facts.md"
    assert DOCS.joinpath("facts.md").read_text(encoding="utf-8") == markdown(), hint
