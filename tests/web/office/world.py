"""A street office with a day behind it: two communities, four gates, people with passes, a fever, trouble.

Everything comes in as it would from real gates: chained, sealed events through the office's own intake.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from kiosk.model import Event, iso
from kiosk.screening import policy
from sync import protocol
from sync.office.errors import Fork
from sync.office.office import Office
from sync.office.settings import OfficeSettings
from sync.office.values import EVERYTHING, Gate, Scope, Unit
from tests.sync.office.conftest import ManualClock
from tests.sync.office.gate_end import PERSON, GateEnd, enrolled, passage

RULES = {rule["id"]: rule for rule in policy.default().to_document()["rule"]}
FEVER = {
    "kind": "alert",
    "alert": "fever",
    "zh": "体温 38.4 °C，请在两小时内处理",
    "en": "38.4 °C: act within two hours",
}

# name, last four, household, what differs from an ordinary passage, the rules that fired
PEOPLE: tuple[tuple[str, str, str, Mapping[str, Any], tuple[str, ...]], ...] = (
    ("张三丰", "4321", "3-2-501", {"celsius": 36.5}, ()),
    ("李小梅", "108X", "1-1-202", {"celsius": 36.3}, ()),
    ("欧阳建国", "2219", "5-3-1104", {"celsius": 36.7, "direction": "out"}, ()),
    ("王芳", "0042", "2-1-301", {"celsius": 36.4, "method": "tablet"}, ()),
    ("陈伟", "7765", "", {"verdict": "check", "method": "hand", "scheme": "", "verification": ""}, ("no-code",)),
    (
        "赵敏",
        "3108",
        "3-1-102",
        {"verdict": "check", "verification": "failed", "code_reason": "expired"},
        ("pass-expired",),
    ),
    (
        "孙浩",
        "5520",
        "",
        {"verdict": "refuse", "scheme": "level-token", "level": "red", "verification": "unverified", "colour": "red"},
        ("red-code", "code-unverified"),
    ),
    (
        "周丽",
        "6634",
        "4-2-803",
        {"verdict": "isolate", "celsius": 38.4, "actions": ["alert:fever", "advise:fever-clinic", "call:120"]},
        ("fever",),
    ),
    ("吴磊", "9901", "6-1-402", {"celsius": 36.6, "direction": "out"}, ()),
    ("郑秀英", "1174", "2-2-101", {"celsius": 36.2}, ()),
)

CROWD = (0, 1, 2, 3, 8, 9, 4, 0, 1, 2, 5, 3, 8, 9, 0, 1, 6, 2, 3, 8, 9, 4, 0, 1, 2, 3, 8, 9, 7, 0, 1, 2, 3, 5, 8, 9, 0)


@dataclass
class World:
    office: Office
    clock: ManualClock
    happiness: Unit
    peace: Unit
    east: GateEnd
    west: GateEnd
    south: GateEnd
    admin_password: str
    clerk_password: str
    branch_password: str


def open_office(url: str, var: Path, clock: ManualClock) -> Office:
    return Office.open(OfficeSettings(url=url, var=var, name="安宁街道办"), clock)


def build(office: Office, clock: ManualClock) -> World:
    """The units, gates and users, and nothing recorded yet. Logins: admin, clerk, and heping for one community."""
    street = office.units.add("street", "安宁街道", "110101001", None, who="test")
    happiness = office.units.add("community", "幸福社区", "110101001001", street.id, who="test")
    peace = office.units.add("community", "和平社区", "110101001002", street.id, who="test")
    gates = [enrolled(office, unit, name) for unit, name in ((happiness, "东门"), (happiness, "西门"), (peace, "南门"))]
    east, west, south = (GateEnd(office, gate.id, clock) for gate in gates)
    passwords = [
        office.users.add(login, name, role, scope, who="test")
        for login, name, role, scope in (
            ("admin", "刘主任", "admin", EVERYTHING),
            ("clerk", "小林", "clerk", EVERYTHING),
            ("heping", "和平社区专干", "clerk", Scope(peace.id)),
        )
    ]
    return World(office, clock, happiness, peace, east, west, south, *passwords)


def settle(world: World, login: str, first: str, password: str) -> str:
    """Gives a user a password of their own, as the first log-in asks for."""
    user = world.office.users.check(login, first, world.clock())
    assert user is not None
    world.office.users.change_password(user, first, password, world.clock())
    return password


def reasons(rules: Iterable[str]) -> list[dict[str, Any]]:
    """The reasons that the default policy's own rules give."""
    return [
        {
            "rule": name,
            "verdict": RULES[name]["verdict"],
            "zh": RULES[name]["say"]["zh"],
            "en": RULES[name]["say"]["en"],
            "source": RULES[name].get("source", ""),
            "undecided": False,
        }
        for name in rules
    ]


def step_up(gate: GateEnd, person: int, **changes: Any) -> Event:
    """One of the people passes the gate; a fever raises its alert, as a gate does."""
    name, last4, household, differs, fired = PEOPLE[person % len(PEOPLE)]
    facts = PERSON["facts"] | {
        "person": {"name": name, "identified": True},
        "direction": differs.get("direction", "in"),
    }
    personal = PERSON | {"name": name, "id_last4": last4, "household": household, "facts": facts}
    given = {"reasons": reasons(fired), "lane": "1", **differs, **changes}
    event = gate.journal.append("passage", gate.now(), passage(**given), personal)
    if "fever" in fired:
        told = {"visit": event.open["visit"], "passage": event.id, "lane": "1", "demo": event.open["demo"], **FEVER}
        gate.journal.append("alert", gate.now(), told, {"name": name, "phone": PERSON["phone"]})
    return event


def abandon(gate: GateEnd) -> Event:
    given = {key: value for key, value in passage(celsius=None).items() if key not in ("verdict", "reasons", "actions")}
    return gate.journal.append("visit.abandoned", gate.now(), given | {"why": "timeout"}, PERSON)


def beat(gate: GateEnd, at: datetime, **changes: Any) -> None:
    """A heartbeat of the gate, by its own clock."""
    head = len(gate.journal.events)
    said = {"journal": gate.journal.id, "seq": head, "waiting": 0, "software": "gatehouse/0.1.0", "time": iso(at)}
    devices = {"camera": "ok", "thermometer": "ok", "disk_free_mb": 51_200}
    gate.office.gates.beat(gate.id, protocol.Heartbeat(**{**said, **devices, **changes}), at)


def a_day(world: World, hours: int = 8) -> None:
    """Lets people pass for some hours up to the clock's time, with all that a day brings."""
    end = world.clock.at
    world.clock.at = end - timedelta(hours=hours)
    for number in count():
        if world.clock.go(minutes=4) >= end:
            break
        gate = (world.east, world.west, world.east, world.south)[number % 4]
        if gate is world.south and end - world.clock.at < timedelta(hours=2):
            continue  # it has fallen silent
        step_up(gate, CROWD[number % len(CROWD)], demo=gate is world.south)
        if number % 31 == 30:
            abandon(world.east)
        if gate is not world.west or number % 8 == 1:
            send_all(gate)
    world.clock.at = end
    world.east.journal.append("passage", end, {"lane": "1", "direction": "sideways"}, {})
    for gate in (world.east, world.west, world.south):
        send_all(gate)
    beat(world.east, end - timedelta(seconds=20))
    beat(
        world.west, end - timedelta(minutes=12), waiting=14, queue_oldest_s=700, camera="stalled", thermometer="silent"
    )
    beat(world.south, end - timedelta(hours=2), time=iso(end - timedelta(hours=2, seconds=-93)))


def send_all(gate: GateEnd) -> None:
    """Sends what the office does not hold yet."""
    held = gate.take(protocol.Events(gate.journal.id, [])).through
    for first in range(held + 1, len(gate.journal.events) + 1, protocol.MAX_EVENTS):
        gate.send(first, first + protocol.MAX_EVENTS - 1)


def a_fork(world: World) -> None:
    """A copy of the east gate's journal is written on by somebody else."""
    copy = GateEnd(world.office, world.east.id, world.clock)
    copy.journal.id = world.east.journal.id
    copy.journal.events = world.east.journal.events[:2]
    step_up(copy, 0)
    with suppress(Fork):
        copy.send(3)


def waiting_gate(world: World, name: str = "北门") -> Gate:
    """A gate that was added but never enrolled."""
    return world.office.enrolment.create_gate(world.happiness.id, name, who="test")[0]


def documents(world: World) -> None:
    """Passes, of which one is revoked, and notices."""
    issued = [
        world.office.passes.issue(world.happiness.id, name, last4, household or "访客", who="clerk")
        for name, last4, household, *_ in PEOPLE[:6]
    ]
    world.office.passes.revoke(issued[2].serial, EVERYTHING, who="clerk")
    world.office.notices.post(
        world.happiness.id,
        "11 月 23 日（周一）上午 8 时至 12 时在社区广场开展核酸采样，请携带身份证。",
        "Sampling on Monday 23 November, 8 to 12 o'clock, on the community square. Please bring your identity card.",
        EVERYTHING,
        who="clerk",
    )
