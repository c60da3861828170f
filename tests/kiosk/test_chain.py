"""The seal and the chain, computed as an outsider would."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from kiosk import chain
from kiosk.model import ZERO_DIGEST, Clock, Event, iso

SALT = bytes(range(16))
AT = datetime(2026, 11, 22, 3, 30, 0, 123_000, tzinfo=UTC)

keys = st.text(st.characters(codec="ascii"), max_size=8) | st.text(max_size=4)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=20,
)


def _event(**said: Any) -> Event:
    """A first event that holds, unless `said` spoils it."""
    event = Event(
        journal="01a20175-bad0-770f-bd17-07b270ce8b91",
        seq=1,
        id="01a20175-bad6-74a7-9cee-dce30e0d7d12",
        kind="passage",
        at=AT,
        clock=Clock("boot", 12, None),
        open={"verdict": "admit", "celsius": 36.6},
        seal=chain.seal(SALT, {"name": "张三"}),
        prev=ZERO_DIGEST,
        digest="",
        personal={"name": "张三"},
        salt=SALT.hex(),
    )
    return replace(replace(event, digest=_digest(event)), **said)


def _digest(event: Event) -> str:
    return chain.digest(
        journal=event.journal,
        seq=event.seq,
        id=event.id,
        kind=event.kind,
        at=iso(event.at),
        clock=event.clock,
        open=event.open,
        seal=event.seal,
        prev=event.prev,
    )


def test_the_example_of_rfc_8785_comes_out_as_printed_there() -> None:
    """Section 3.2.2 and 3.2.3."""
    example = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/",
        "literals": [None, True, False],
    }
    assert chain.canonical(example).decode() == (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )


def test_keys_are_ordered_as_rfc_8785_orders_them() -> None:
    """Section 3.2.3: by UTF-16 code units, where 😀 comes before דּ."""
    keys = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    ordered = list(json.loads(chain.canonical(dict.fromkeys(keys, 0))))
    assert ordered == ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]


@given(values)
def test_canonical_form_is_that_of_the_reference(value: Any) -> None:
    assert chain.canonical(value) == rfc8785.dumps(value)


@given(st.floats(1e-8, 1e18) | st.integers(1, 10**9).map(lambda n: n / 10))
def test_numbers_are_spelt_as_the_reference_spells_them(number: float) -> None:
    assert chain.canonical([number, -number]) == rfc8785.dumps([number, -number])


@given(st.characters(codec="utf-8"))
def test_every_character_is_spelt_as_the_reference_spells_it(character: str) -> None:
    assert chain.canonical({"c": character}) == rfc8785.dumps({"c": character})


def _deep(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), 2**53, -(2**53), "\ud800", {1: 2}, {"a": AT}, b"bytes", {3}, _deep(5000)]
)
def test_what_json_cannot_carry_has_no_canonical_form(value: Any) -> None:
    with pytest.raises(ValueError, match=r".+"):
        chain.canonical(value)


def test_the_seal_is_the_hash_of_salt_and_canonical_personal_part() -> None:
    plain = SALT + '{"name":"张三","phone":"138"}'.encode()
    assert chain.seal(SALT, {"phone": "138", "name": "张三"}) == hashlib.sha256(plain).hexdigest()


def test_the_digest_is_the_hash_of_the_canonical_envelope() -> None:
    event = _event()
    text = (
        '{"at":"2026-11-22T03:30:00.123Z","clock":{"boot":"boot","monotonic_ms":12,"offset_ms":null},'
        '"id":"01a20175-bad6-74a7-9cee-dce30e0d7d12","journal":"01a20175-bad0-770f-bd17-07b270ce8b91",'
        '"kind":"passage","open":{"celsius":36.6,"verdict":"admit"},'
        f'"prev":"{ZERO_DIGEST}","seal":"{event.seal}","seq":1}}'
    )
    assert event.digest == hashlib.sha256(text.encode()).hexdigest()


@given(st.dictionaries(keys, values, max_size=4))
def test_an_open_part_in_canonical_form_gives_the_same_digest(part: dict[str, Any]) -> None:
    event = _event(open=part)
    envelope: dict[str, Any] = {
        "journal": event.journal,
        "seq": event.seq,
        "id": event.id,
        "kind": event.kind,
        "at": iso(event.at),
        "clock": event.clock,
        "seal": event.seal,
        "prev": event.prev,
    }
    whole: dict[str, Any] = {**envelope, "clock": {"boot": "boot", "monotonic_ms": 12, "offset_ms": None}, "open": part}
    expected = hashlib.sha256(rfc8785.dumps(whole)).hexdigest()
    assert chain.digest(open=part, **envelope) == expected
    assert chain.digest(open=chain.canonical(part), **envelope) == expected


def test_an_event_that_was_not_touched_has_no_flaw() -> None:
    event = _event()
    assert chain.flaw(event, ZERO_DIGEST) is None
    assert chain.flaw(replace(event, personal=None, salt=None), ZERO_DIGEST) is None, "forgotten, and still whole"


@pytest.mark.parametrize(
    ("change", "flaw"),
    [
        ({"journal": "01a20175-bad0-770f-bd17-07b270ce8b92"}, "digest"),
        ({"seq": 2}, "digest"),
        ({"id": "01a20175-bad6-74a7-9cee-dce30e0d7d13"}, "digest"),
        ({"kind": "alert"}, "digest"),
        ({"at": AT.replace(microsecond=124_000)}, "digest"),
        ({"clock": Clock("boot", 12, 0)}, "digest"),
        ({"open": {"verdict": "admit", "celsius": 38.6}}, "digest"),
        ({"seal": "00" * 32, "personal": None}, "digest"),
        ({"digest": "00" * 32}, "digest"),
        ({"prev": "11" * 32}, "prev"),
        ({"personal": {"name": "李四"}}, "seal"),
        ({"personal": {}}, "seal"),
        ({"salt": None}, "seal"),
        ({"salt": SALT.hex() + "00"}, "seal"),
        ({"salt": "no hex"}, "canonical"),
        ({"personal": {"n": 2**60}}, "canonical"),
        ({"open": {"n": 2**60}}, "canonical"),
        ({"clock": Clock("boot", 2**60)}, "canonical"),
        ({"open": {"deep": _deep(5000)}}, "canonical"),
    ],
)
def test_every_change_is_a_flaw(change: dict[str, Any], flaw: str) -> None:
    assert flaw in (chain.flaw(_event(**change), ZERO_DIGEST) or "")


def test_an_event_that_follows_another_is_a_flaw() -> None:
    assert chain.flaw(_event(), "22" * 32) == "prev does not continue the chain"
