"""A draft policy tried on 100,000 past passages: unsealed, read and judged by one process, on SQLite.

Processor time is measured: the target is for one core of its own, and SQLite works within the process.
"""

from __future__ import annotations

import logging
import tempfile
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import insert

from kiosk import logs
from kiosk.known import Known
from kiosk.model import (
    Colour,
    Direction,
    Footing,
    HealthCode,
    Holder,
    LaneInfo,
    Method,
    Reading,
    Verification,
)
from kiosk.screening import decide, facts, policy
from sync.office.db.log import EventRow, PassageRow
from sync.office.office import Office
from sync.office.policy.past import Outcome, judge, week
from sync.office.reading import place
from sync.office.seal import Sealer
from sync.office.settings import OfficeSettings
from tests.bench.figures import Figure, median, times_s
from tests.sync.office.gate_end import PERSON, enrolled, passage

PASSAGES = 100_000
DAYS = 7
BATCH = 5_000
NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
TARGET_S = 60.0


def run() -> list[Figure]:
    """About a minute, of which the filling of the office takes half."""
    logs.configure(logging.WARNING)
    with tempfile.TemporaryDirectory() as folder:
        office = Office.open(OfficeSettings(url=f"sqlite:///{folder}/office.db", var=Path(folder)), lambda: NOON)
        try:
            return _measure(office)
        finally:
            office.close()


def _measure(office: Office) -> list[Figure]:
    community = office.units.add("community", "幸福社区", "", None, who="bench")
    gate = enrolled(office, community, "东门").id
    known = _facts()
    _fill(office, community.id, gate, known)
    draft = policy.parse(policy.default().to_document() | {"tier": 2})
    outcome, start = Outcome(), time.process_time()
    for past in office.past.passages(community.id, *week(NOON + timedelta(seconds=1), DAYS)):
        outcome.add(past, draft)
    whole_s = time.process_time() - start
    assert outcome.seen == PASSAGES
    judged_s = median(times_s(lambda: judge(known, draft), 500)) * PASSAGES
    start = time.process_time()
    read = sum(1 for _ in office.past.passages(community.id, *week(NOON + timedelta(seconds=1), DAYS)))
    read_s = time.process_time() - start
    return [
        Figure(
            f"a draft tried on {PASSAGES:,} past passages, processor time",
            whole_s,
            "s",
            whole_s / TARGET_S,
            "the 60 s it may take",
        ),
        Figure(f"of that: {read:,} read, unsealed and decoded", read_s, "s", read_s / whole_s, "the whole"),
        Figure(f"of that: judged by {len(draft.rules)} rules", judged_s, "s", judged_s / whole_s, "the whole"),
    ]


def _facts() -> dict[str, Any]:
    """What a gate records of an ordinary passage."""
    person = Holder(name="张三", phone="13812348000", household="3-2-501")
    return facts.build(
        code=HealthCode("office-pass", holder=person, verification=Verification.VERIFIED, serial="ab" * 16),
        colour=Colour.BLACK,
        person=person,
        readings=[Reading(36.6, NOON, "keypad")],
        answers={"symptoms": False, "exposure": False},
        known=Known(),
        lane=LaneInfo("1", "camera"),
        method=Method.CAMERA,
        direction=Direction.IN,
        footing=Footing.FRESH,
        policy=policy.default(),
        now=NOON,
    )


def _fill(office: Office, community: str, gate: str, known: dict[str, Any]) -> None:
    """Passages spread over the week, stored as the intake stores them, without the chain that nobody looks at here."""
    sealer = office.past._sealer
    verdict = decide(known, policy.default()).verdict
    rows = _rows(sealer, community, gate, known, str(verdict))
    while batch := list(islice(rows, BATCH)):
        with office.database.write() as tx:
            tx.execute(insert(EventRow), [event for event, _ in batch])
            tx.execute(insert(PassageRow), [line for _, line in batch])


def _rows(
    sealer: Sealer, community: str, gate: str, known: dict[str, Any], verdict: str
) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    journal, open_part = str(uuid.uuid4()), msgspec.json.encode(passage(verdict=verdict)).decode()
    personal = {"personal": PERSON | {"facts": known}, "salt": "00" * 16}
    step = timedelta(days=DAYS) / (PASSAGES + 1)
    words = dict.fromkeys(
        ("scheme", "level", "verification", "colour", "footing", "policy", "staff", "visit", "lane", "method"), ""
    )
    for seq in range(1, PASSAGES + 1):
        at = NOON - step * seq
        number = {"community_id": community, "journal_id": journal, "seq": seq, "at": at, "gate_id": gate}
        number |= {"id": str(uuid.uuid4()), "kind": "passage", "received_at": at}
        sealed = sealer.seal_json(place(journal, seq), personal)
        raw = {"clock": "{}", "open": open_part, "sealed": sealed, "seal": "00", "prev": "00", "digest": "00"}
        yield {**number, **raw}, {**number, **words, "direction": "in", "verdict": verdict, "demo": False}
