"""风险地区: by GB/T 2260 code, level and days (rows C3, G3), typed one by one or read out of a file."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from kiosk.identities.resident import PERMITS, PROVINCES
from kiosk.lists.regions import LEVELS
from kiosk.model import Saying
from sync.office.errors import NotFound, Refused
from sync.office.lists import spreadsheet
from sync.office.lists.written import Written
from sync.office.values import Scope

LENGTHS = (2, 4, 6, 9, 12)
LONGEST = 60
MOST = 5000
LEVEL_WORDS = {"高": "high", "高风险": "high", "中": "medium", "中风险": "medium", "低": "low", "低风险": "low"}
HEADS: Mapping[str, tuple[str, ...]] = {
    "code": ("代码", "行政区划代码", "CODE"),
    "zh": ("名称", "地区", "NAME", "ZH"),
    "en": ("英文", "EN", "ENGLISH"),
    "level": ("等级", "风险等级", "LEVEL"),
    "from": ("开始", "开始日期", "FROM"),
    "until": ("截止", "截止日期", "UNTIL"),
}
_KNOWN = {spelling: field for field, spellings in HEADS.items() for spelling in spellings}


@dataclass(frozen=True, slots=True)
class RiskRegion:
    """A region as it was typed. `begins` and `ends` are days, both included; None is open."""

    code: str
    zh: str
    en: str = ""
    level: str = "high"
    begins: date | None = None
    ends: date | None = None

    def problems(self) -> dict[str, Saying]:
        """Field → what does not hold."""
        found = {}
        known = self.code[:2] in PROVINCES or self.code[:2] in PERMITS
        if not (self.code.isascii() and self.code.isdigit() and len(self.code) in LENGTHS and known):
            found["code"] = Saying(
                "行政区划代码为 2、4、6、9 或 12 位数字，例如 110105",
                "a GB/T 2260 code of 2, 4, 6, 9 or 12 digits: 110105",
            )
        if not 0 < len(self.zh) <= LONGEST or len(self.en) > LONGEST:
            found["zh"] = Saying(f"名称 1 至 {LONGEST} 个字", f"a name of 1 to {LONGEST} characters")
        if self.level not in LEVELS:
            found["level"] = Saying("等级为高、中或低", f"one of {', '.join(LEVELS)}")
        if self.begins and self.ends and self.ends < self.begins:
            found["ends"] = Saying("截止早于开始", "it ends before it begins")
        return found

    def document(self) -> dict[str, Any]:
        days = {"from": self.begins and self.begins.isoformat(), "until": self.ends and self.ends.isoformat()}
        said = {"code": self.code, "name": {"zh": self.zh, "en": self.en}, "level": self.level, **days}
        return {name: value for name, value in said.items() if value}


class RiskRegions:
    def __init__(self, written: Written) -> None:
        self._written = written

    def list(self, community_id: str, scope: Scope) -> tuple[Mapping[str, Any], ...]:
        """As the section says them, by code. Raises NotFound."""
        found = self._written.document(community_id, scope)["regions"]
        return tuple(sorted(found, key=lambda region: (region["code"], region.get("from", ""))))

    def add(self, community_ids: Iterable[str], region: RiskRegion, scope: Scope, *, who: str) -> None:
        """Adds a region; one of the same code and first day is replaced. Raises Refused, NotFound."""
        new = _checked([region])[0]

        def with_it(written: Mapping[str, Any]) -> dict[str, Any]:
            others = [old for old in written["regions"] if _name(old) != _name(new)]
            return {"regions": [*others, new]}

        for community in community_ids:
            self._written.change(community, with_it, scope, who=who)

    def set(self, community_ids: Iterable[str], regions: Sequence[RiskRegion], scope: Scope, *, who: str) -> None:
        """The whole list anew. Raises Refused, NotFound."""
        documents = _checked(regions)
        for community in community_ids:
            self._written.change(community, lambda _written: {"regions": documents}, scope, who=who)

    def remove(self, community_id: str, code: str, begins: str, scope: Scope, *, who: str) -> None:
        """Raises NotFound when it is not there (any more)."""
        if all(_name(region) != (code, begins) for region in self.list(community_id, scope)):
            raise NotFound(f"no risk region {code}")

        def without(written: Mapping[str, Any]) -> dict[str, Any]:
            return {"regions": [old for old in written["regions"] if _name(old) != (code, begins)]}

        self._written.change(community_id, without, scope, who=who)


def read(data: bytes) -> tuple[RiskRegion, ...]:
    """Regions out of CSV (a heading with 代码 and 名称) or JSON (as the section, or a list). Raises Refused that names
    every row at fault."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = data.decode("gb18030")
        except UnicodeDecodeError:
            raise Refused("no CSV or JSON text: save it as UTF-8") from None
    rows = _json_rows(text) if text.lstrip()[:1] in ("{", "[") else _csv_rows(text)
    if len(rows) > MOST:
        raise Refused(f"more than {MOST} regions")
    found, wrong = [], []
    for number, row in rows:
        try:
            found.append(_region(row))
        except ValueError as error:
            wrong.append(f"row {number}: {error}")
    if wrong:
        raise Refused("; ".join(wrong[:20]) + ("; …" if len(wrong) > 20 else ""))
    if not found:
        raise Refused("there are no regions in it")
    _checked(found)
    return tuple(found)


def _name(region: Mapping[str, Any]) -> tuple[str, str]:
    return str(region["code"]), str(region.get("from", ""))


def _checked(regions: Sequence[RiskRegion]) -> list[dict[str, Any]]:
    """The regions as the section says them, the same one once. Raises Refused."""
    wrong = [
        f"{region.code or '?'}: {'; '.join(say.en for say in problems.values())}"
        for region in regions
        if (problems := region.problems())
    ]
    if wrong:
        raise Refused("; ".join(wrong[:20]))
    return list({_name(region.document()): region.document() for region in regions}.values())


def _json_rows(text: str) -> list[tuple[int, Mapping[str, Any]]]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Refused(f"no JSON: {error}") from error
    rows = found.get("regions") if isinstance(found, dict) else found
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Refused('JSON must be a list of regions, or {"regions": [...]}')
    return [(number, {**row, **(row["name"] if isinstance(row.get("name"), dict) else {})})
            for number, row in enumerate(rows, 1)]  # fmt: skip


def _csv_rows(text: str) -> list[tuple[int, Mapping[str, Any]]]:
    try:
        rows = list(csv.reader(io.StringIO(text, newline="")))
    except csv.Error as error:
        raise Refused(f"no CSV: {error}") from error
    fields = [_KNOWN.get(spreadsheet.head(cell), "") for cell in rows[0]] if rows else []
    if not {"code", "zh"} <= set(fields):
        raise Refused("the first row must name the columns: 代码, 名称, 等级, 开始, 截止")
    named = [(number, dict(zip(fields, row, strict=False))) for number, row in enumerate(rows[1:], 2)]
    return [(number, row) for number, row in named if any(str(cell).strip() for cell in row.values())]


def _region(row: Mapping[str, Any]) -> RiskRegion:
    """Raises ValueError."""
    said = {name: str(row.get(name) or "").strip() for name in HEADS}
    try:
        begins, ends = (spreadsheet.day(said[name]) if said[name] else None for name in ("from", "until"))
    except ValueError:
        raise ValueError("a day such as 2026-11-22") from None
    level = LEVEL_WORDS.get(said["level"], said["level"] or "high")
    region = RiskRegion(said["code"], said["zh"], said["en"], level, begins, ends)
    if problems := region.problems():
        raise ValueError("; ".join(say.en for say in problems.values()))
    return region
