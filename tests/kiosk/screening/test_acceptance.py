"""Published rules in a policy: which of them count, and what becomes of a visit."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.errors import PolicyError
from kiosk.model import Colour, Verdict
from kiosk.screening import decide, policy
from kiosk.screening.acceptance import Acceptance, Shown, codes, into
from kiosk.screening.published_rules import Outcome, PublishedRule
from tests.kiosk.screening.published import FRESH, KNOWN_DISEASE, VALUE_SETS, rule
from tests.kiosk.screening.visits import CERTIFICATE, NOW, Seen

TEST = {"ver": "1.3.0", "t": [{"tg": "840539006", "sc": "2026-11-20T03:30:00Z", "co": "AT"}]}
SHOWN = Shown("test", "AT", TEST)


def accepting(*rules: dict[str, Any], **more: Any) -> Acceptance:
    return Acceptance("DE", tuple(PublishedRule.of(one) for one in rules), VALUE_SETS, **more)


def judged(acceptance: Acceptance, shown: Shown = SHOWN, at: datetime = NOW) -> dict[str, str]:
    return {one.rule.identifier: one.outcome.value for one in acceptance.judge(shown, at)}


def test_a_rule_judges_with_the_clock_and_the_value_sets() -> None:
    acceptance = accepting(rule(), rule("TR-DE-0002", KNOWN_DISEASE))
    assert judged(acceptance) == {"TR-DE-0001": "passed", "TR-DE-0002": "passed"}
    assert judged(acceptance, at=NOW + timedelta(hours=24))["TR-DE-0001"] == "passed"
    assert judged(acceptance, at=NOW + timedelta(hours=24, seconds=1))["TR-DE-0001"] == "failed"
    other = replace(SHOWN, payload={**TEST, "t": [{**TEST["t"][0], "tg": "0"}]})
    assert judged(acceptance, other)["TR-DE-0002"] == "failed"


@pytest.mark.parametrize(
    ("changes", "counts"),
    [
        ({}, True),
        ({"CertificateType": "General"}, True),
        ({"CertificateType": "Vaccination"}, False),
        ({"Country": "AT"}, False),
        ({"Type": "Invalidation"}, False),
        ({"Type": "Invalidation", "Country": "AT"}, True),
        ({"Type": "BoosterNotification"}, False),
        ({"Region": "BY"}, False),
        ({"Country": "de"}, True),
    ],
)
def test_only_rules_of_the_country_and_the_kind_count(changes: dict[str, str], counts: bool) -> None:
    assert bool(accepting(rule(**changes)).selected("test", "AT", NOW)) is counts


def test_a_regions_own_rules_count_where_the_policy_names_the_region() -> None:
    both = (rule(), rule("TR-DE-0002", Region="BY"))
    assert len(accepting(*both, region="BY").selected("test", "AT", NOW)) == 2
    assert len(accepting(*both, region="HH").selected("test", "AT", NOW)) == 1


def test_a_rule_holds_from_its_first_moment_until_before_its_last() -> None:
    acceptance = accepting(rule())
    first, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 12, 31, 23, tzinfo=UTC)
    moments = [first - timedelta(milliseconds=1), first, end - timedelta(milliseconds=1), end]
    assert [bool(acceptance.selected("test", "AT", at)) for at in moments] == [False, True, True, False]


def test_of_several_versions_the_highest_in_force_counts() -> None:
    later = rule(Version="1.0.10", ValidFrom="2026-11-22T03:30:00Z")
    acceptance = accepting(rule(Version="1.0.9"), later, rule(Version="1.0.2"))
    assert [one.version for one in acceptance.selected("test", "AT", NOW)] == [(1, 0, 10)]
    assert [one.version for one in acceptance.selected("test", "AT", NOW - timedelta(seconds=1))] == [(1, 0, 9)]


def test_a_version_for_another_kind_takes_the_place_of_the_older_one() -> None:
    acceptance = accepting(rule(), rule(Version="2.0.0", CertificateType="Recovery"))
    assert acceptance.selected("test", "AT", NOW) == ()


@pytest.mark.parametrize(
    ("changes", "payload"),
    [
        ({"Engine": "CERTLOGIC-2"}, TEST),
        ({"EngineVersion": "1.3.3"}, TEST),
        ({"EngineVersion": "2.0.0"}, TEST),
        ({"SchemaVersion": "1.3.1"}, TEST),
        ({"SchemaVersion": "2.0.0"}, TEST),
        ({}, {**TEST, "ver": "2.0.0"}),
        ({}, {**TEST, "ver": 1}),
        ({}, {**TEST, "t": [{"tg": "840539006"}]}),
        ({"Logic": {"var": "payload.t.0.tg"}}, TEST),
    ],
)
def test_what_a_rule_cannot_decide_stays_open(changes: dict[str, Any], payload: dict[str, Any]) -> None:
    assert judged(accepting(rule(**changes)), replace(SHOWN, payload=payload)) == {"TR-DE-0001": "open"}


def test_a_rule_sees_who_asks_and_who_issued() -> None:
    expected = {
        "validationClock": "2026-11-22T03:30:00.000Z",
        "valueSets": VALUE_SETS,
        "countryCode": "DE",
        "issuerCountryCode": "AT",
        "kid": "2Rk3X8HntrI=",
        "iat": "2026-11-21T03:30:00.000Z",
        "exp": "2026-11-23T03:30:00.000Z",
    }
    day = timedelta(days=1)
    shown = replace(SHOWN, kid="2Rk3X8HntrI=", issued_at=NOW - day, expires=NOW + day)
    assert accepting().external(shown, NOW) == expected
    assert accepting().external(SHOWN, NOW).keys() == expected.keys() - {"kid", "iat", "exp"}


def test_a_rule_is_told_in_the_wanted_language_else_in_english() -> None:
    one = PublishedRule.of(rule())
    assert (one.description("de"), one.description("zh")) == ("Höchstens 72 Stunden alt.", "At most 72 hours old.")
    assert PublishedRule.of(rule(Description=[{"lang": "de", "desc": "ja"}])).description("en") == "ja"


# --- in a policy -------------------------------------------------------------------------------------------------

RECOVERED = {"before": [{"plusTime": [{"var": "external.validationClock"}, 0, "day"]},
                        {"plusTime": [{"var": "payload.r.0.fr"}, 180, "day"]}]}  # fmt: skip
RECOVERY_RULE = rule("RR-DE-0001", RECOVERED, CertificateType="Recovery")


def a_policy(*rules: dict[str, Any], **part: Any) -> policy.Policy:
    document = policy.default().to_document()
    document["acceptance"] = {"country": "DE", "rules": list(rules), "valuesets": VALUE_SETS, **part}
    return policy.parse(document)


def reasons(chosen: policy.Policy, seen: Seen | None = None, **facts: Any) -> list[tuple[str, str, bool]]:
    seen = seen or Seen(code=CERTIFICATE, person=CERTIFICATE.holder, colour=Colour.BLACK)
    decision = decide(seen.facts(chosen) | facts, chosen)
    found = [because for because in decision.reasons if because.rule.startswith("acceptance")]
    assert all(because.say.zh and because.say.en for because in found)
    assert all(because.verdict.severity <= decision.verdict.severity for because in found)
    return [(because.rule, because.verdict.value, because.undecided) for because in found]


def test_a_certificate_that_a_rule_does_not_accept_has_the_policys_verdict() -> None:
    for verdict in ("check", "refuse", "isolate"):
        chosen = a_policy(RECOVERY_RULE, verdict=verdict)
        assert reasons(chosen) == [("acceptance:RR-DE-0001", verdict, False)]
    assert reasons(a_policy(RECOVERY_RULE)) == [("acceptance:RR-DE-0001", "check", False)]


def test_a_certificate_that_every_rule_accepts_gives_no_reason() -> None:
    chosen = a_policy(RECOVERY_RULE, verdict="refuse")
    assert reasons(chosen, now="2026-08-18T00:00:00.000Z") == []


def test_a_rule_that_cannot_be_decided_is_a_check_whatever_the_policys_verdict() -> None:
    newer = rule("RR-DE-0001", RECOVERED, CertificateType="Recovery", EngineVersion="9.0.0")
    assert reasons(a_policy(newer, verdict="refuse")) == [("acceptance:RR-DE-0001", "check", True)]


def test_a_certificate_that_no_rule_is_for_is_a_check() -> None:
    assert reasons(a_policy(rule())) == [("acceptance", "check", True)]


def test_people_without_a_certificate_are_none_of_these_rules_business() -> None:
    chosen = a_policy(RECOVERY_RULE)
    assert reasons(chosen, Seen()) == []
    assert reasons(chosen, Seen(code=None)) == []


def test_a_condition_says_for_whom_the_rules_are() -> None:
    outward = {"===": [{"var": "direction"}, "out"]}
    assert reasons(a_policy(RECOVERY_RULE, when=outward)) == []
    assert reasons(a_policy(RECOVERY_RULE, when={"===": [{"var": "code.issuer"}, "AT"]}))
    unknown = {"===": [{"var": "person.phone"}, "1"]}
    assert reasons(a_policy(RECOVERY_RULE, when=unknown)), "what cannot be decided is for everybody"


@pytest.mark.parametrize(
    "code", [{"certificate": "x"}, {"certificate": {}}, {"certificate": {"kind": "recovery", "payload": [1]}}]
)
def test_a_certificate_that_is_none_is_a_check(code: dict[str, Any]) -> None:
    assert reasons(a_policy(RECOVERY_RULE), code=code) == [("acceptance", "check", True)]


def test_without_a_time_nothing_is_accepted() -> None:
    for now in (None, "yesterday", "2026-11-22T03:30:00"):
        assert reasons(a_policy(RECOVERY_RULE), now=now) == [("acceptance", "check", True)]


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda inner: st.dictionaries(
            st.sampled_from(["r", "ver", "0", "fr"]), inner | st.lists(inner, max_size=2), max_size=3
        ),
        max_leaves=8,
    )
)
def test_any_certificate_is_decided(payload: Any) -> None:
    chosen = a_policy(RECOVERY_RULE)
    facts = {"certificate": {"kind": "recovery", "country": 7, "payload": payload}, "valid_from": 3}
    for _, verdict, _ in reasons(chosen, code=facts):
        assert verdict == "check"


def test_a_gates_own_rule_may_read_the_certificate() -> None:
    document = a_policy(RECOVERY_RULE).to_document()
    own = {"id": "austrian", "when": {"===": [{"var": "code.certificate.payload.r.0.co"}, "AT"]}, "verdict": "refuse"}
    document["rule"].append({**own, "say": {"zh": "奥地利", "en": "Austrian"}})
    document["rule"].append(
        {
            **document["rule"][-1],
            "id": "old",
            "when": {"before": [{"var": "code.certificate.payload.r.0.df"}, {"var": "now"}]},
        }
    )
    chosen = policy.parse(document)
    seen = Seen(code=CERTIFICATE, person=CERTIFICATE.holder)
    assert {"austrian", "old"} <= {because.rule for because in decide(seen.facts(chosen), chosen).reasons}


def test_a_policy_with_published_rules_survives_its_own_document() -> None:
    chosen = a_policy(RECOVERY_RULE, rule(), region="BY", verdict="refuse")
    assert policy.parse(chosen.to_document()) == chosen
    assert chosen.acceptance is not None
    assert chosen.acceptance.verdict is Verdict.REFUSE


@pytest.mark.parametrize(
    ("part", "problem"),
    [
        ("DE", "acceptance: must be a table"),
        ({"country": ...}, "acceptance.country: missing"),
        ({"country": "Germany"}, "acceptance.country: 'Germany' is no country"),
        ({"verdict": "admit"}, "acceptance.verdict: what is not accepted cannot be admitted"),
        ({"verdict": "hang"}, "acceptance.verdict: unknown verdict 'hang'"),
        ({"when": {"var": "code.sertificate"}}, "acceptance.when.var: unknown fact"),
        ({"rules": "all"}, "acceptance.rules: must be an array"),
        ({"rules": []}, "acceptance.rules: none of them is a rule of DE"),
        ({"rules": [rule(Country="AT")]}, "acceptance.rules: none of them is a rule of DE"),
        ({"rules": [rule(), 7]}, "acceptance.rules[1]: must be an object"),
        ({"rules": [rule(Identifier=...)]}, "acceptance.rules[0]: Identifier: missing"),
        ({"rules": [rule("x y")]}, "acceptance.rules[0]: Identifier: 'x y' must be letters"),
        ({"rules": [rule(Version="1.0")]}, "acceptance.rules[0]: Version: '1.0' is no version"),
        ({"rules": [rule(ValidTo="2027-01-01")]}, "acceptance.rules[0]: ValidTo: must be a time with a zone"),
        ({"rules": [rule(Description=[])]}, "acceptance.rules[0]: Description: must be a list"),
        ({"rules": [rule(Description=[{"lang": "en"}])]}, "acceptance.rules[0]: Description: must be a list"),
        ({"rules": [rule(Logic=...)]}, "acceptance.rules[0]: Logic: missing"),
        ({"rules": [rule(logic={"or": [True, False]})]}, "acceptance.rules[0]: Logic: unknown operator 'or'"),
        ({"valuesets": []}, "acceptance.valuesets: must be a table"),
        ({"valuesets": {"x": "y"}}, "acceptance.valuesets.x: must be a list of codes"),
        ({"valuesets": {"x": [1]}}, "acceptance.valuesets.x: must be a list of codes"),
        ({"colour": "red"}, "acceptance.colour: unknown key"),
    ],
)
def test_what_is_wrong_with_the_part_is_named_with_its_place(part: Any, problem: str) -> None:
    document = policy.default().to_document()
    given_part = (
        {"country": "DE", "rules": [rule()], "valuesets": VALUE_SETS, **part} if isinstance(part, dict) else part
    )
    if isinstance(given_part, dict):
        given_part = {name: value for name, value in given_part.items() if value is not ...}
    with pytest.raises(PolicyError) as refused:
        policy.parse(document | {"acceptance": given_part})
    assert any(one.startswith(problem) for one in refused.value.problems), refused.value.problems


def test_a_rule_for_an_engine_we_do_not_have_is_no_fault_of_the_policy() -> None:
    foreign = rule("VR-DE-9999", {"anything": "goes"}, Engine="OTHER")
    chosen = a_policy(foreign, rule())
    assert chosen.acceptance is not None
    assert chosen.acceptance.rules[0].judge({}, {}) is Outcome.OPEN


# --- bringing rules into a policy --------------------------------------------------------------------------------


def test_rules_and_value_sets_are_added_to_what_is_there_and_replace_their_like() -> None:
    document = a_policy(rule(), rule("TR-DE-0002"), verdict="refuse").to_document()
    published = {"valueSetId": "x", "valueSetValues": {"a": {"display": "A"}, "b": {}}}
    merged = into(
        document,
        country="DE",
        rules=[rule(Version="1.0.1"), rule("TR-DE-0002", KNOWN_DISEASE)],
        value_sets={"x": published, "y": ["c"]},
        verdict=Verdict.REFUSE,
    )
    acceptance = policy.parse(merged).acceptance
    assert acceptance is not None
    assert [(one.identifier, one.version) for one in acceptance.rules] == [
        ("TR-DE-0001", (1, 0, 0)), ("TR-DE-0002", (1, 0, 0)), ("TR-DE-0001", (1, 0, 1)),
    ]  # fmt: skip
    assert acceptance.rules[1].document["Logic"] == KNOWN_DISEASE
    assert acceptance.value_sets == {**VALUE_SETS, "x": ["a", "b"], "y": ["c"]}
    assert document["acceptance"]["rules"][1]["Logic"] == FRESH, "the given document stays as it was"


def test_another_countrys_rules_give_way() -> None:
    document = a_policy(rule()).to_document()
    austrian = rule("TR-AT-0001", Country="AT")
    acceptance = policy.parse(into(document, country="AT", rules=[austrian], value_sets={})).acceptance
    assert acceptance is not None
    assert [one.identifier for one in acceptance.rules] == ["TR-AT-0001"]
    assert acceptance.value_sets == {}


def test_a_plain_list_of_codes_stays_as_it_is() -> None:
    assert codes(["a"]) == ["a"]
    assert codes({"a": 1}) == {"a": 1}, "which a policy then refuses"
