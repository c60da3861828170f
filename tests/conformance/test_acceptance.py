"""Every published national rule, run as a policy runs it, on its own published tests."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

import pytest

from kiosk.model import Verdict, from_iso
from kiosk.screening import decide, policy
from kiosk.screening.acceptance import Acceptance, Shown, into
from kiosk.screening.published_rules import Outcome, PublishedRule
from sync.office.policy import published
from sync.office.trust.files import gather
from tests.conformance.data import documents, folder
from tests.conformance.report import Report

KINDS = {"v": "vaccination", "t": "test", "r": "recovery"}
EXPECTED = {True: Outcome.PASSED, False: Outcome.FAILED}


def rules() -> dict[str, dict[str, Any]]:
    """The published rules by their folder: `AT/GR-AT-0000`."""
    return {name.removesuffix("/rule"): rule for name, rule in documents("dcc/rules", "*/*/rule.json")}


def cases() -> list[tuple[str, str, dict[str, Any]]]:
    """(test, its rule's folder, test document)."""
    return [(name, name.rpartition("/tests/")[0], case) for name, case in documents("dcc/rules", "*/*/tests/*.json")]


def test_every_rule_answers_its_own_tests(capsys: pytest.CaptureFixture[str]) -> None:
    published = {name: PublishedRule.of(rule) for name, rule in rules().items()}
    report = Report("National rules, each on its own tests")
    for name, rule, case in cases():
        outcome = published[rule].judge(case["payload"], case["external"])
        _tell(report, rule.partition("/")[0], name, outcome, case)
    report.show(capsys)
    assert report.disagreed == []


def test_a_countrys_rules_chosen_by_kind_and_time_answer_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    by_country = _rules_by_country()
    report = Report("National rules, chosen as for a visit")
    for name, rule, case in cases():
        country = rule.partition("/")[0]
        if why := _unlike_a_visit(case, by_country[country], rule):
            report.not_applicable(country, name, why)
            continue
        acceptance = Acceptance(country, by_country[country], case["external"]["valueSets"])
        at = _clock(case, _own(by_country[country], rule))
        judged = {one.rule.identifier: one.outcome for one in acceptance.judge(_shown(case["payload"]), at)}
        _tell(report, country, name, judged[rule.rpartition("/")[2]], case)
    report.show(capsys)
    assert report.disagreed == []


def test_a_countrys_whole_set_becomes_part_of_a_policy_and_decides() -> None:
    value_sets = _value_sets()
    by_country: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for name, rule in rules().items():
        by_country[name.partition("/")[0]].append(rule)
    for country, theirs in by_country.items():
        document = into(policy.default().to_document(), country=country, rules=theirs, value_sets=value_sets)
        chosen = policy.parse(document)
        assert policy.parse(chosen.to_document()) == chosen
        assert chosen.acceptance is not None
        assert len(chosen.acceptance.rules) == len(theirs)
        facts = {
            "now": "2022-01-15T12:00:00Z",
            "code": {
                "certificate": {"kind": "vaccination", "country": "XX", "payload": {"ver": "1.3.0", "v": [{"tg": "0"}]}}
            },
        }
        reasons = [reason for reason in decide(facts, chosen).reasons if reason.rule.startswith("acceptance:")]
        assert reasons, country
        assert all(reason.verdict is Verdict.CHECK and reason.say.zh and reason.say.en for reason in reasons)


def test_a_countrys_folder_as_it_is_published_can_be_imported_whole() -> None:
    sets = folder("dcc/rules/valuesets")
    for country in sorted({name.partition("/")[0] for name in rules()} - {"EU"}):
        found = published.read(gather([folder(f"dcc/rules/{country}"), sets]), country)
        theirs = [rule for name, rule in rules().items() if name.startswith(f"{country}/")]
        assert sorted(found.rules) == sorted((rule["Identifier"], rule["Version"]) for rule in theirs)
        assert all("/tests/" in left or "LICENSE" in left for left in found.left_out)
        merged = published.merged(policy.default().to_document(), found, None, replaces=False)
        assert policy.parse(merged).acceptance is not None


def _rules_by_country() -> dict[str, tuple[PublishedRule, ...]]:
    by_country: dict[str, tuple[PublishedRule, ...]] = defaultdict(tuple)
    for name, rule in rules().items():
        by_country[name.partition("/")[0]] += (PublishedRule.of(rule),)
    return by_country


def _unlike_a_visit(case: dict[str, Any], theirs: tuple[PublishedRule, ...], rule: str) -> str:
    """Why no visit could be like this test; "" when one could."""
    groups = [group for group in KINDS if case["payload"].get(group)]
    own = _own(theirs, rule)
    if len(groups) != 1:
        return "its certificate is of no kind, or of several"
    if not own.concerns(KINDS[groups[0]]):
        return "its certificate is of a kind that the rule is not for"
    try:
        return "" if own.in_force(_clock(case, own)) else "the rule is not in force at its clock"
    except ValueError:
        return "its clock has no zone"


def _own(theirs: tuple[PublishedRule, ...], rule: str) -> PublishedRule:
    return next(one for one in theirs if one.identifier == rule.rpartition("/")[2])


def _clock(case: dict[str, Any], own: PublishedRule) -> datetime:
    """The test's time; some need none, then the rule's first day. Raises ValueError for a time without a zone."""
    clock = case["external"].get("validationClock")
    return from_iso(clock) if clock else own.valid_from


def _shown(payload: dict[str, Any]) -> Shown:
    (group,) = (group for group in KINDS if payload.get(group))
    return Shown(KINDS[group], payload[group][0].get("co", ""), payload)


def _value_sets() -> dict[str, Any]:
    ((_, sets),) = documents("dcc/rules/valuesets", "*.json")
    return dict(sets)


def _tell(report: Report, country: str, name: str, outcome: Outcome, case: dict[str, Any]) -> None:
    if outcome is EXPECTED[case["expected"]]:
        report.agreed(country)
    else:
        report.disagrees(country, name, f"{case.get('name', '')}: {outcome}, published {case['expected']}")
