"""Who lives in the test province: invented people, one for each thing an answer can say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any


@dataclass(frozen=True, slots=True)
class Inhabitant:
    """`level` is the server's own number; tests are (kind, result, hours ago), vaccinations (dose, of, day)."""

    name: str
    id_number: str
    phone: str
    level: str
    tests: tuple[tuple[str, str, float], ...] = ()
    vaccinations: tuple[tuple[int, int, str], ...] = ()


PEOPLE: Mapping[str, Inhabitant] = {
    "green": Inhabitant(
        "林晓燕", "350102198805120427", "13900000001", "1",
        (("核酸", "阴性", 20.0),), ((1, 3, "2026-03-02"), (2, 3, "2026-03-30")),
    ),
    "yellow": Inhabitant("陈志强", "350103197611230910", "13900000002", "2", (("核酸", "阴性", 90.0),)),
    "red": Inhabitant("黄丽萍", "350104199002281224", "13900000003", "3", (("核酸", "阳性", 30.0),)),
    "untested": Inhabitant("吴国栋", "350105194907150011", "13900000004", "1"),
    "pending": Inhabitant("郑小雨", "350111200108093028", "13900000005", "1", (("核酸", "待检测", 3.0),)),
    "expired": Inhabitant("杨海峰", "350121198301170032", "13900000006", "4"),
    "absent": Inhabitant("周美玲", "350122199509060044", "13900000007", "5"),
    "failed": Inhabitant("徐建军", "350123196802140054", "13900000008", "6"),
    "timeout": Inhabitant("孙雅婷", "350124198712010067", "13900000009", "7"),
    "nameless": Inhabitant("", "350125197704250070", "13900000010", "1"),
    "purple": Inhabitant("马天佑", "350128199901010082", "13900000011", "9"),
}  # fmt: skip


def answer(person: Inhabitant, token: str, made_ms: int | None, now: datetime, zone: tzinfo) -> dict[str, Any]:
    """What the server says of `person` under "data"."""
    local = now.astimezone(zone)
    return {
        "token": token,
        "level": person.level,
        "name": person.name,
        "idcard": person.id_number,
        "phone": person.phone,
        "made": made_ms,
        "tests": [
            {"kind": kind, "result": result, "time": f"{local - timedelta(hours=hours):%Y-%m-%d %H:%M:%S}"}
            for kind, result, hours in person.tests
        ],
        "vaccinations": [
            {"product": "灭活疫苗", "dose": dose, "doses": doses, "date": day}
            for dose, doses, day in person.vaccinations
        ],
    }
