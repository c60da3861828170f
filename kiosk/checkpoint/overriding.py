"""改判: a volunteer decides otherwise than the policy, and says why. The original verdict stays on record.

`check` leaves it to the volunteer on duty; what the policy refused or isolated needs a supervisor.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from kiosk.checkpoint.desk import Desk, Refusal
from kiosk.checkpoint.lane import Lane
from kiosk.model import Draft, Event, Saying, Verdict

log = structlog.get_logger(__name__)

WHYS = {
    "document": Saying("已核对证件", "The document was checked"),
    "measured": Saying("复测正常", "Measured again, normal"),
    "office": Saying("街道办同意", "The street office agreed"),
    "urgent": Saying("急诊等紧急情况", "An emergency"),
    "no-proof": Saying("不能证明身份或事由", "No proof of who or why"),
    "other": Saying("其他（请写明）", "Another reason (please say which)"),
}
PARTY = "party"  # the gate's own reason: somebody of the same party is isolated
WITHIN = timedelta(hours=12)
LOOK_BACK = 500
OPEN_TO = {  # what a person may turn each verdict into
    Verdict.ADMIT: (),
    Verdict.CHECK: (Verdict.ADMIT, Verdict.REFUSE),
    Verdict.REFUSE: (Verdict.ADMIT, Verdict.CHECK, Verdict.ISOLATE),
    Verdict.ISOLATE: (Verdict.ADMIT, Verdict.CHECK, Verdict.REFUSE),
}
SUPERVISED = (Verdict.REFUSE, Verdict.ISOLATE)
_SAY = Saying("负责人改判了策略的拒绝", "A supervisor let pass what the policy refused")


@dataclass(frozen=True, slots=True)
class Override:
    """What somebody wishes: `why` is one of WHYS, `note` their own words, `supervisor` the id of who approved; what the
    two people are called, where that is known."""

    to: Verdict
    why: str
    note: str = ""
    supervisor: str = ""
    staff_name: str = ""
    supervisor_name: str = ""


class Overriding:
    """Overrides of passages that are in the journal, on whatever lane."""

    def __init__(self, desk: Desk, lanes: Mapping[str, Lane]) -> None:
        self._desk = desk
        self._lanes = lanes

    def standing(self, visit: str) -> tuple[Event, Verdict]:
        """The passage of a visit and the verdict that holds now. Raises Refusal when there is none of late."""
        events = self._desk.journal.recent(LOOK_BACK, ("passage",))
        passage = next((event for event in events if event.open.get("visit") == visit), None)
        if passage is None or self._desk.now() - passage.at > WITHIN:
            raise Refusal("visit", "找不到近 12 小时内的这条记录", "No such passage within the last 12 hours")
        overrides = self._desk.journal.recent(LOOK_BACK, ("override",))
        newest = next((event for event in overrides if event.open.get("visit") == visit), None)
        return passage, Verdict(newest.open["to"] if newest else passage.open["verdict"])

    def override(self, visit: str, wish: Override) -> None:
        """Record it, then show it. Raises Refusal for what may not be done, JournalError."""
        staff = self._desk.on_duty()
        if not staff:
            raise Refusal("", "请先上岗", "Sign on first")
        passage, stands = self.standing(visit)
        place = self._lanes.get(str(passage.open.get("lane"))) or next(iter(self._lanes.values()))
        with place.lock:
            passage, stands = self.standing(visit)  # nobody else can have changed it from here on
            _check(stands, wish)
            at = self._desk.now()
            drafts = [_draft(passage, stands, wish, staff, at)]
            if stands in SUPERVISED and wish.to is Verdict.ADMIT:
                drafts.append(_alert(passage, wish, at))
            events = self._desk.journal.append(*drafts)
            log.info("override", lane=place.info.name, was=stands.value, to=wish.to.value, why=wish.why)
            show(place, visit, wish.to, at)
            self._desk.tell(place, events)


def keep_with(passages: Iterable[Event], at: datetime) -> Iterator[Draft]:
    """Overrides by the gate itself: who was admitted, but came with somebody who is isolated, stays for a check."""
    for passage in passages:
        yield _draft(passage, Verdict.ADMIT, Override(Verdict.CHECK, PARTY), "", at)


def show(place: Lane, visit: str, to: Verdict, at: datetime) -> None:
    """Put the new verdict wherever this visit's outcome is on show."""
    if place.last and place.last.visit == visit:
        place.last = replace(place.last, verdict=to, was=place.last.was or place.last.verdict)
        place.last = replace(place.last, show_until=max(place.last.show_until, at + place.times.show))
    for one in place.resting.values():
        if one.visit.id == visit and one.outcome:
            one.outcome = replace(one.outcome, verdict=to, was=one.outcome.was or one.outcome.verdict)
    member = place.party.member(visit) if place.party else None
    if member and member.outcome:
        member.outcome = replace(
            member.outcome, verdict=to, was=member.outcome.was or member.outcome.verdict, kept=False
        )


def _check(stands: Verdict, wish: Override) -> None:
    """Raises Refusal."""
    if wish.to not in OPEN_TO[stands]:
        raise Refusal("to", "不能这样改判", "It cannot be changed to that")
    if wish.why not in WHYS:
        raise Refusal("why", "请选择原因", "Choose a reason")
    if wish.why == "other" and not wish.note.strip():
        raise Refusal("note", "请写明原因", "Please say why")
    if stands in SUPERVISED and not wish.supervisor:
        raise Refusal("pin", "需要负责人的 PIN", "A supervisor's PIN is needed")


def _draft(passage: Event, stands: Verdict, wish: Override, staff: str, at: datetime) -> Draft:
    said = {
        "gate": passage.open.get("gate", ""),
        "lane": passage.open.get("lane", ""),
        "direction": passage.open.get("direction", ""),
        "visit": passage.open["visit"],
        "passage": passage.id,
        "journal": passage.journal,
        "seq": passage.seq,
        "from": stands.value,
        "to": wish.to.value,
        "why": wish.why,
        "staff": staff,
        "supervisor": wish.supervisor,
        "demo": passage.open.get("demo", False),
        **({"declaration": passage.open["declaration"]} if passage.open.get("declaration") else {}),
    }
    personal: Mapping[str, Any] = passage.personal or {}
    kept = {name: personal[name] for name in ("name", "tokens", "household_token") if name in personal}
    told = {"note": wish.note.strip(), "staff_name": wish.staff_name, "supervisor_name": wish.supervisor_name}
    return Draft("override", at, said, kept | {name: words for name, words in told.items() if words})


def _alert(passage: Event, wish: Override, at: datetime) -> Draft:
    said = {
        "gate": passage.open.get("gate", ""),
        "lane": passage.open.get("lane", ""),
        "alert": "override",
        "visit": passage.open["visit"],
        "passage": passage.id,
        "verdict": wish.to.value,
        "zh": f"{_SAY.zh}：{WHYS[wish.why].zh}",
        "en": f"{_SAY.en}: {WHYS[wish.why].en}",
        "demo": passage.open.get("demo", False),
    }
    personal = passage.personal or {}
    return Draft("alert", at, said, {key: personal.get(key, "") for key in ("name", "id_last4", "phone", "household")})
