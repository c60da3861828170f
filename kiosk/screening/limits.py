"""The numbers a policy may set under `[limits]`: what each is for, its unit, how far it may go, where it comes from.

An office's forms show this table, and a policy with a number outside its range is refused. A policy may have limits of
its own beside these; nobody but its own rules reads them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kiosk.model import Saying


@dataclass(frozen=True, slots=True)
class Limit:
    """`lowest` and `highest` may be set themselves. `source` cites the row of requirements and the notice."""

    say: Saying
    unit: Saying
    lowest: float
    highest: float
    source: str


_CELSIUS = Saying("℃", "°C")
_HOURS = Saying("小时", "hours")
_MINUTES = Saying("分钟", "minutes")
_PEOPLE = Saying("人", "people")

LIMITS: Mapping[str, Limit] = {
    "fever": Limit(
        Saying("体温达到此值须留观复测", "temperature from which people wait apart and are measured again"),
        _CELSIUS, 36.0, 40.0, "G2 G12 · 003 §二, §九",
    ),
    "lowest": Limit(
        Saying("低于此值视为测量有误", "a lower reading is a mistake"), _CELSIUS, 25.0, 36.0, "G2 · 003 §九"
    ),
    "highest": Limit(
        Saying("高于此值视为测量有误", "a higher reading is a mistake"), _CELSIUS, 41.0, 45.0, "G2 · 003 §九"
    ),
    "rest-min": Limit(
        Saying("复测前的休息时间", "rest before the second reading"), _MINUTES, 0, 60, "G2 G12 · 003 §二"
    ),
    "test-h": Limit(
        Saying("核酸阴性证明的有效期（自采样起）", "how long a negative test counts, from its sampling"),
        _HOURS, 12, 720, "G10 · 003 §三, §九",
    ),
    "quota-h": Limit(
        Saying("封闭管理时同户两次外出的最短间隔", "time between two outings of a household under closure"),
        _HOURS, 1, 720, "G15 · 000 §三(三)9",
    ),
    "gathering": Limit(
        Saying("聚集活动达到此人数须报批", "people from which on an event needs leave"),
        _PEOPLE, 2, 100_000, "G8 C13 · 003 §四",
    ),
}  # fmt: skip
