"""The people of tests/vectors/decide/people.toml as the gate meets them: what was scanned, said and looked up."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from kiosk.known import Household, Known, Vehicle
from kiosk.lists import Declaration, Resident
from kiosk.model import Colour, HealthCode, Holder, LabTest, Level, Method, Verification
from tests.kiosk.screening.visits import NOW, PASS, TOKEN, UNKNOWN, Seen, reading

TODAY = NOW.date()
NO = {"symptoms": False, "exposure": False}
GREEN = HealthCode(
    scheme="bamin",
    level=Level.GREEN,
    tests=(LabTest("pcr", NOW - timedelta(hours=24), "negative"),),
    issuer="福建省",
    valid_from=PASS.valid_from,
    valid_until=PASS.valid_until,
    verification=Verification.VERIFIED,
    serial="bamin-0001",
)
LIVES_HERE = Resident(("t",), household="5-1-301")
AT_HOME = Known(resident=LIVES_HERE, household=Household(), today=TODAY)
OUTSIDER = Seen(code=GREEN, colour=Colour.GREEN, person=Holder(name="冯先生", id_last4="4321"), answers=NO)


def _announced(kind: str) -> Known:
    return Known(declaration=Declaration("d", ("t",), kind), declaration_state="valid", today=TODAY)


def _named(name: str) -> Holder:
    return replace(OUTSIDER.person, name=name)


CAST: dict[str, Seen] = {
    "resident": Seen(),
    "visitor": Seen(code=TOKEN, colour=Colour.GREEN, person=Holder(name="李四")),
    "stranger": Seen(code=UNKNOWN, person=Holder()),
    "by-hand": Seen(
        code=None,
        person=Holder(name="王奶奶", id_number="350582194912310021", id_last4="0021"),
        reading=reading(36.5, "keypad"),
        method=Method.HAND,
    ),
    "neighbour": Seen(answers=NO),
    "paper": Seen(
        code=replace(PASS, medium="paper"),
        person=Holder(name="陈爷爷", id_last4="5678", household="2-1-101"),
        answers=NO,
    ),
    "phone": OUTSIDER.but(person=_named("赵六"), known=AT_HOME),
    "pregnant": OUTSIDER.but(
        code=replace(GREEN, tests=()),
        person=_named("孙丽"),
        known=replace(AT_HOME, resident=replace(LIVES_HERE, special="pregnant")),
    ),
    "outsider": OUTSIDER,
    "guest": OUTSIDER.but(person=_named("吴芳"), known=_announced("visitor")),
    "returnee": OUTSIDER.but(
        person=_named("周强"),
        known=_announced("return"),
        answers=NO | {"abroad": False, "cold-chain": False, "border": False},
    ),
    "driver": OUTSIDER.but(
        person=_named("郑师傅"),
        known=replace(
            _announced("delivery"), vehicle=Vehicle("闽C12345", purpose="送米面油", delivery=True)
        ),
    ),
    "caller": OUTSIDER.but(
        person=_named("钱经理"),
        known=Known(vehicle=Vehicle("闽CD12345", "new-energy", purpose="看房"), today=TODAY),
    ),
    "child": Seen(
        code=None,
        person=Holder(name="小明", birth_date="2017-05-01"),
        reading=reading(36.5, "keypad"),
        method=Method.HAND,
        answers=NO,
        party=2,
        known=Known(today=TODAY),
    ),
}  # fmt: skip
