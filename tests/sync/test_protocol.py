"""What travels: bounded, compressed, the same on both ends."""

from __future__ import annotations

import dataclasses
import gzip
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk import chain
from kiosk.model import ZERO_DIGEST, Clock, Event, iso
from sync import protocol

JOURNAL = "01936f10-0000-7000-8000-0000000000aa"
AT = datetime(2026, 11, 22, 3, 30, 0, 123_000, tzinfo=UTC)


def event(seq: int = 1, prev: str = ZERO_DIGEST, **open_part: object) -> Event:
    salt, personal = bytes(16), {"name": "张三"}
    named = {
        "journal": JOURNAL,
        "seq": seq,
        "id": "01936f10-0000-7000-8000-000000000001",
        "kind": "passage",
        "clock": Clock("boot", 5, None),
        "open": open_part,
        "seal": chain.seal(salt, personal),
        "prev": prev,
    }
    digest = chain.digest(at=iso(AT), **named)  # type: ignore[arg-type]
    return Event(at=AT, digest=digest, personal=personal, salt=salt.hex(), **named)  # type: ignore[arg-type]


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=8), json_values, max_size=4))
def test_an_event_is_the_same_event_on_the_other_end(open_part: dict[str, object]) -> None:
    sent = event(**open_part)
    message = protocol.Events(JOURNAL, [protocol.to_wire(sent)])
    received = protocol.decode(protocol.Events, protocol.expand(protocol.squeeze(protocol.encode(message))))
    arrived = protocol.from_wire(received.journal, received.events[0])
    assert chain.flaw(arrived, ZERO_DIGEST) is None
    assert arrived.digest == sent.digest


def test_a_forgotten_event_travels_without_its_personal_part() -> None:
    bare = protocol.to_wire(dataclasses.replace(event(), personal=None, salt=None))
    assert chain.flaw(protocol.from_wire(JOURNAL, bare), ZERO_DIGEST) is None


@pytest.mark.parametrize(
    "spelt",
    ["2026-11-22T03:30:00Z", "2026-11-22T03:30:00.123000Z", "2026-11-22T11:30:00.123+08:00", "no time at all…….."],
)
def test_a_time_has_one_spelling(spelt: str) -> None:
    wire = msgspec.structs.replace(protocol.to_wire(event()), at=spelt)
    with pytest.raises(ValueError):  # noqa: PT011  whatever the words
        protocol.from_wire(JOURNAL, wire)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("seq", 0),
        ("seq", -1),
        ("seq", 2**53),
        ("seq", 1.5),
        ("seq", "1"),
        ("id", "not-a-uuid"),
        ("kind", ""),
        ("kind", "k" * 65),
        ("digest", "F" * 64),
        ("digest", "f" * 64 + "\n"),
        ("seal", "f" * 63),
        ("salt", "00"),
        ("open", []),
        ("open", None),
        ("personal", "secret"),
        ("clock", None),
        ("clock", {"boot": "b"}),
        ("at", 1),
    ],
)
def test_a_field_out_of_bounds_is_refused_with_its_place_and_without_its_content(field: str, value: object) -> None:
    fields = msgspec.to_builtins(protocol.to_wire(event())) | {field: value}
    body = msgspec.json.encode({"journal": JOURNAL, "events": [fields]})
    with pytest.raises(ValueError, match="events") as caught:
        protocol.decode(protocol.Events, body)
    assert "secret" not in str(caught.value)


def test_fields_of_a_later_version_are_ignored() -> None:
    fields = msgspec.to_builtins(protocol.to_wire(event())) | {"later": 1}
    body = msgspec.json.encode({"journal": JOURNAL, "events": [fields], "also": {}})
    assert protocol.decode(protocol.Events, body).events == [protocol.to_wire(event())]


@given(st.binary(max_size=300))
def test_whatever_arrives_is_a_message_or_a_value_error(body: bytes) -> None:
    for kind in (protocol.Events, protocol.Enroll, protocol.Receipt, protocol.Problem):
        with pytest.raises(ValueError):  # noqa: PT011
            protocol.decode(kind, body)


@pytest.mark.parametrize("deep", [b"[" * 100_000, b'{"a":' * 100_000, b'{"journal":' + b"[" * 5000])
def test_deep_nesting_is_refused_and_not_a_crash(deep: bytes) -> None:
    with pytest.raises(ValueError, match=r"deeply|truncated|Expected"):
        protocol.decode(protocol.Events, deep)


@given(st.binary(max_size=2000))
def test_compression_loses_nothing(body: bytes) -> None:
    assert protocol.expand(protocol.squeeze(body)) == body
    assert protocol.squeeze(body) == protocol.squeeze(body)


def test_a_bomb_is_found_at_the_limit_and_not_after_it_went_off() -> None:
    assert protocol.expand(protocol.squeeze(b"\0" * 1000), 1000) == b"\0" * 1000
    for bomb in (protocol.squeeze(b"\0" * 1001), gzip.compress(b"\0" * 50_000_000)):
        with pytest.raises(protocol.TooLarge):
            protocol.expand(bomb, 1000)


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"{}",
        protocol.squeeze(b"abc")[:-1],
        protocol.squeeze(b"abc") + b"x",
        protocol.squeeze(b"a") * 2,
        b"\x1f\x8b",
    ],
)
def test_what_is_not_one_whole_gzip_member_is_refused(broken: bytes) -> None:
    with pytest.raises(ValueError, match="gzip"):
        protocol.expand(broken)
