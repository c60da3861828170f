"""The columns of the lists: what their headings may be, and how a cell is read. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from sync.office.lists import spreadsheet
from sync.office.lists.wanted import FIELDS, ROSTER, WATCH, Wanted, spelt

LONGEST_CELL = 300

SPELLINGS: Mapping[str, tuple[str, ...]] = {  # the first is the template's
    "name": ("姓名", "NAME"),
    "id_number": ("证件号码", "身份证号", "身份证号码", "证件号", "身份证", "ID", "IDNUMBER"),
    "phone": ("电话", "手机", "手机号", "联系电话", "PHONE"),
    "plate": ("车牌", "车牌号", "PLATE"),
    "why": ("类别", "人员类别", "身份", "CATEGORY", "KIND"),
    "begins": ("开始日期", "开始", "起始日期", "FROM"),
    "ends": ("截止日期", "截止", "结束日期", "UNTIL"),
    "worker": ("网格员", "责任人", "包保人", "GRIDWORKER", "WORKER"),
    "worker_phone": ("网格员电话", "责任人电话", "包保人电话", "WORKERPHONE"),
    "do": ("处置要求", "处置", "备注", "WHATTODO", "DO"),
    "household": ("住户", "户号", "楼栋单元房号", "地址", "HOUSEHOLD"),
    "special": ("特殊情况", "特殊", "SPECIAL"),
    "birth_year": ("出生年", "出生年份", "BIRTHYEAR"),
    "grid": ("网格", "GRID"),
}
TITLES: Mapping[tuple[str, str], str] = {(ROSTER, "why"): "身份"}
CHOICES: Mapping[tuple[str, str], tuple[str, ...]] = {
    (WATCH, "why"): (
        "密切接触者",
        "居家医学观察",
        "禁止进入",
        "来自风险地区",
        "境外返回",
        "冷链从业",
        "边境返乡",
        "其他重点人员",
    ),
    (ROSTER, "why"): ("居民", "工作人员"),
    (ROSTER, "special"): ("儿童", "孕产妇", "需照护"),
}
NOTES: Mapping[str, str] = {
    "name": "与证件一致。As on the document.",
    "id_number": "每个号码都会校验；证件号码、电话、车牌至少填一项。Checked; give at least one of ID, phone, plate.",
    "phone": "手机或座机（加区号）。A mobile, or a landline with its area code.",
    "plate": "例如 闽A12345。For example 闽A12345.",
    "why": "用下拉选项。One of the choices.",
    "begins": "空为导入当日，例如 2026-11-22。Empty is today.",
    "ends": "最后一天；空则直到解除。The last day; empty is until ended.",
    "worker": "谁负责此人。Who answers for this person.",
    "worker_phone": "门岗发现此人时通知。Called when this person is at a gate.",
    "do": "门岗应怎么做，一句话。What the gate is to do, one sentence.",
    "household": "例如 3-2-501；居民必填。For example 3-2-501; needed for residents.",
    "special": "儿童、孕产妇、需照护；可空。May be empty.",
    "birth_year": "空则取自证件号码。Taken from the ID number if empty.",
    "grid": "例如 第三网格。For example 第三网格.",
}  # fmt: skip


def column(register: str, field: str) -> str:
    """The heading of a field as the template writes it."""
    return TITLES.get((register, field)) or SPELLINGS.get(field, (field,))[0]


def columns(register: str, heads: Sequence[object]) -> dict[int, str]:
    """Which field stands in which column; empty for a row that is no heading."""
    known = {spelling: field for field in FIELDS[register] for spelling in SPELLINGS[field]}
    found = {at: known[head] for at, cell in enumerate(heads) if (head := spreadsheet.head(cell)) in known}
    by_number = {"id_number", "phone", "plate"} & set(found.values())
    return found if by_number and len(found) > 1 else {}


def value(register: str, field: str, cell: object) -> str | date:
    """Raises ValueError with the words (a Saying) for what cannot be taken."""
    if field in ("begins", "ends"):
        return spreadsheet.day(cell)
    return spelt(register, field, spreadsheet.text(cell)[:LONGEST_CELL])


def with_values(values: Mapping[str, str | date]) -> Wanted:
    return Wanted(**values)  # type: ignore[arg-type]  # fields of Wanted, by `value`
