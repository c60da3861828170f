"""Whatever a gate signs and sends: taken whole, or refused in words and nothing kept. Never a fault of the office."""

from __future__ import annotations

import copy
import gzip
import json
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from kiosk import chain
from kiosk.model import ZERO_DIGEST, Clock, iso
from sync import protocol
from sync.office.office import Office
from sync.office.values import EVERYTHING, EntryFilter
from tests.sync.messages import JSON, OBJECTS, TEXT, messages
from tests.sync.office.gate_end import PERSON, passage
from tests.web.api.conftest import NOON, GateCalls
from tests.web.api.hostile import examples, held, refused

RAW = "\u0000raw "  # a text that stands for JSON which no encoder would write
HUGE = "9" * 400
STRANGE: tuple[Any, ...] = (
    None, True, -1, 0, 2**53, 2**63, 1e308, 1.5, "", "x" * 300, "\u0000", "𠮷😀", [], {}, [[]], {"": ""},
    "0001-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z", "0001-01-01T00:00:00.000+14:00",
    "9999-12-31T23:59:59.999-14:00", "2026-13-01T00:00:00.000Z", "00000000-0000-0000-0000-000000000000", "ff" * 32,
    *(RAW + text for text in ("NaN", "Infinity", "-0", "1e999", HUGE, "1." + HUGE, '"\\ud800"', '"\\ud83d\\ude00"',
      "[" * 3000 + "]" * 3000, '{"a":' * 900 + "1" + "}" * 900, '{"a":1,"a":2}', "01", "'x'", "undefined")),
)  # fmt: skip
TIMES = st.datetimes(timezones=st.just(UTC)).map(lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000))
EDGES = st.sampled_from((datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC), NOON))
OFFSETS = st.none() | st.integers(-(2**53) + 1, 2**53 - 1)
LETTERS = st.characters(codec="utf-8", categories=("L", "N"))
KINDS = ("passage", "visit.abandoned", "alert", "day.close", "journal.begin", "override", "count.set", "correction")
SAID: dict[str, dict[str, Any]] = {
    "passage": passage(),
    "visit.abandoned": passage() | {"why": "timeout"},
    "alert": {"alert": "fever", "zh": "发热", "en": "fever", "lane": "1", "visit": str(uuid.uuid4()), "demo": False},
    "day.close": {"day": "2026-11-22", "counts": {"passages": 1}},
    "journal.begin": {"why": "damaged", "lost": 3, "follows": {"journal": str(uuid.uuid4()), "seq": 2, "digest": "0"}},
    "override": {"from": "refuse", "to": "admit", "why": "other", "visit": "v", "direction": "in", "lane": "1"},
}


@pytest.fixture
def office_url(request: pytest.FixtureRequest) -> str:
    """SQLite, unless a test asks for the other one."""
    url: str = request.getfixturevalue(getattr(request, "param", "sqlite_office_url"))
    return url


on_both = pytest.mark.parametrize(
    "office_url",
    [
        "sqlite_office_url",
        pytest.param("postgres_office_url", marks=[pytest.mark.postgres, pytest.mark.xdist_group("postgres")]),
    ],
    indirect=True,
)


def places(value: Any, *way: Any) -> list[tuple[Any, ...]]:
    """Every place in a document, by the keys that lead there."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [way, *(place for key, one in inner for place in places(one, *way, key))]


def spelt(document: Any) -> bytes:
    """The document as JSON, with what no encoder would write put in."""
    text = json.dumps(document, ensure_ascii=False)
    for raw in (one for one in STRANGE if isinstance(one, str) and one.startswith(RAW)):
        text = text.replace(json.dumps(raw, ensure_ascii=False), raw.removeprefix(RAW))
    return text.encode("utf-8", "surrogatepass")


@st.composite
def altered(draw: st.DrawFn, document: Any) -> bytes:
    """A message with something else at one or two places of it: another value, none, or the same key twice."""
    found = copy.deepcopy(document)
    for _ in range(draw(st.integers(1, 2))):
        way = draw(st.sampled_from([place for place in places(found) if place]))
        inner = found
        for key in way[:-1]:
            inner = inner[key]
        if draw(st.booleans()) and isinstance(inner, dict):
            del inner[way[-1]]
        else:
            inner[way[-1]] = draw(st.sampled_from(STRANGE) | JSON)
    return spelt(found)


@st.composite
def mangled(draw: st.DrawFn, body: bytes) -> tuple[bytes, dict[str, str]]:
    """Bytes that are no whole message any more, and the headers they come with."""
    at = draw(st.integers(0, len(body) - 1))
    squeezed, encoding = gzip.compress(body), {"Content-Encoding": "gzip"}
    ways: list[tuple[bytes, dict[str, str]]] = [
        (body[:at], {}),
        (body[:at] + draw(st.binary(min_size=1, max_size=5)) + body[at:], {}),
        (body + b"{}", {}),
        (body, encoding),
        (squeezed, {}),
        (squeezed[: at % len(squeezed)], encoding),
        (squeezed + draw(st.binary(min_size=1, max_size=5)), encoding),
        (squeezed + squeezed, encoding),
        (gzip.compress(squeezed), encoding),
        (gzip.compress(bytes(protocol.MAX_BODY_BYTES + 1)), encoding),
        (squeezed, {"Content-Encoding": draw(st.sampled_from(("br", "gzip, gzip", "deflate", "identity", "x")))}),
        (body.decode().encode("utf-16"), {}),
        (b"\xef\xbb\xbf" + body, {}),
    ]
    return draw(st.sampled_from(ways))


def wire(seq: int, kind: str, at: datetime, said: Any, personal: Any, offset_ms: int | None, prev: str) -> Any:
    """An event that holds, whatever it says."""
    salt = bytes(16)
    return protocol.WireEvent(
        seq, str(uuid.uuid4()), kind, iso(at), protocol.WireClock("boot", seq, offset_ms), said,
        chain.seal(salt, personal), prev, "0" * 64, personal, salt.hex(),
    )  # fmt: skip


def chained(journal: str, events: list[Any]) -> protocol.Events:
    """The events as one journal: each continues the one before it."""
    prev, done = ZERO_DIGEST, []
    for event in events:
        clock = Clock(event.clock.boot, event.clock.monotonic_ms, event.clock.offset_ms)
        named = {"journal": journal, "seq": event.seq, "id": event.id, "kind": event.kind, "at": event.at}
        digest = chain.digest(**named, clock=clock, open=event.open, seal=event.seal, prev=prev)
        done.append(protocol.WireEvent(**{**_fields(event), "prev": prev, "digest": digest}))
        prev = digest
    return protocol.Events(journal, done)


def _fields(event: protocol.WireEvent) -> dict[str, Any]:
    return {name: getattr(event, name) for name in event.__struct_fields__}


@st.composite
def holding(draw: st.DrawFn) -> protocol.Events:
    """A journal of up to three events that hold and say anything at all."""
    events = []
    for seq in range(1, draw(st.integers(1, 3)) + 1):
        kind = draw(
            st.sampled_from(KINDS)
            | st.text(st.characters(codec="utf-8", categories=("L", "N")), min_size=1, max_size=9)
        )
        said = dict(SAID.get(kind, {}))
        for _ in range(draw(st.integers(0, 3))):
            said[draw(st.sampled_from(sorted(said) or ["a"]) | st.just("again"))] = draw(JSON)
        if draw(st.booleans()):
            said |= draw(OBJECTS)
        personal = draw(st.sampled_from((PERSON, {})) | OBJECTS)
        events.append(wire(seq, kind, draw(TIMES | EDGES), said, personal, draw(OFFSETS), ""))
    return chained(str(uuid.uuid4()), events)


def check_kept(office: Office) -> None:
    """All that was taken can be verified and looked at."""
    assert all(check.ok for check in office.verify())
    gates = office.gates.list(EVERYTHING)
    office.days.table(gates, NOON.date(), NOON.date())
    office.entries.page(EntryFilter(), EVERYTHING)
    office.alerts.list(EVERYTHING)
    office.entries.parked(EVERYTHING, 1)


def judge(answer: TestResponse, office: Office, before: tuple[int, ...]) -> None:
    """Taken, or refused; of what is no message at all nothing is kept."""
    assert answer.status_code < 500, answer.get_data()
    if answer.status_code != 200:
        refused(answer)
    if answer.status_code in (400, 413, 415):
        assert held(office) == before


@on_both
@examples(12)
@given(data=st.data())
def test_an_altered_message_is_taken_or_refused_in_words(gate: GateCalls, office: Office, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from((protocol.EVENTS, protocol.HEARTBEAT, protocol.KEY)))
    if name == protocol.EVENTS:
        now = [wire(seq, "passage", NOON, passage(), PERSON, 250, "") for seq in (1, 2)]
        document = json.loads(protocol.encode(chained(str(uuid.uuid4()), now)))
    else:
        kind = protocol.Heartbeat if name == protocol.HEARTBEAT else protocol.KeyChange
        document = json.loads(protocol.encode(data.draw(messages(kind))))
    before = held(office)
    judge(gate.post(name, data.draw(altered(document))), office, before)


@examples(12)
@given(data=st.data())
def test_bytes_that_are_no_whole_message_are_refused_and_nothing_is_kept(
    gate: GateCalls, office: Office, data: st.DataObject
) -> None:
    events = [wire(1, "passage", NOON, passage(), PERSON, None, "")]
    body, headers = data.draw(mangled(protocol.encode(chained(str(uuid.uuid4()), events))))
    before = held(office)
    answer = gate.post(protocol.EVENTS, body, headers)
    if answer.status_code == 200:  # an inserted blank, or a byte within a text: the chain would have told
        assert json.loads(gzip.decompress(body) if headers.get("Content-Encoding") == "gzip" else body)
        return
    refused(answer)
    assert answer.status_code == 422 or held(office) == before


@on_both
def test_what_holds_is_taken_whatever_it_says_and_can_be_looked_at(gate: GateCalls, office: Office) -> None:
    @examples(12)
    @given(message=holding())
    def taken(message: protocol.Events) -> None:
        answer = gate.post(protocol.EVENTS, protocol.encode(message))
        assert (answer.status_code, answer.get_json().get("through")) == (200, len(message.events)), answer.get_data()

    taken()
    check_kept(office)


@on_both
@examples(10)
@given(beat=messages(protocol.Heartbeat))
def test_any_heartbeat_within_its_bounds_is_heard(gate: GateCalls, office: Office, beat: protocol.Heartbeat) -> None:
    assert gate.post(protocol.HEARTBEAT, protocol.encode(beat)).status_code == 200
    assert office.gates.list(EVERYTHING)


@examples(10)
@given(name=st.text(TEXT, max_size=200), software=st.text(TEXT, max_size=200), token=st.text(TEXT, max_size=200))
def test_no_name_and_no_token_is_a_fault_of_the_office(
    newcomer: GateCalls, name: str, software: str, token: str
) -> None:
    answer = newcomer.enroll(name=name, software=software, token=token)
    assert refused(answer).error in ("token", "busy")
