"""The dictionary of facts: every path a rule may read, what lies there, and whether it is always there.

docs/facts.md is this table, written by `markdown()`. `*` in a path stands for a number in a list (`code.tests.0.kind`),
for a limit's name, or for a question's id.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from kiosk.model import Colour, Direction, Footing, Level, Method, Reason, Saying, Verification
from kiosk.screening.limits import LIMITS

Kind = Literal["text", "number", "yes-no", "time", "list", "document"]

NO_REASON = ""  # code.reason of a code that nothing is wrong with
LIMIT_RANGES = {name: (limit.lowest, limit.highest) for name, limit in LIMITS.items()}


@dataclass(frozen=True, slots=True)
class Fact:
    """One entry. `values` are the only texts it can be; `always` means that `facts.build` never leaves it out.

    A `document` is JSON of somebody else's making: whatever lies in it is a fact, and nothing is known of its kind.
    """

    kind: Kind
    say: Saying
    always: bool = False
    values: tuple[str, ...] = ()


def _text(zh: str, en: str, *, always: bool = False, values: tuple[str, ...] = ()) -> Fact:
    return Fact("text", Saying(zh, en), always, values)


def _yes_no(zh: str, en: str, *, always: bool = True) -> Fact:
    return Fact("yes-no", Saying(zh, en), always)


def _time(zh: str, en: str, *, always: bool = False) -> Fact:
    return Fact("time", Saying(zh, en), always)


def _number(zh: str, en: str, *, always: bool = False) -> Fact:
    return Fact("number", Saying(zh, en), always)


def _list(zh: str, en: str, *, always: bool = False) -> Fact:
    return Fact("list", Saying(zh, en), always)


def _all(choices: type[StrEnum]) -> tuple[str, ...]:
    return tuple(choice.value for choice in choices)


SCHEMA: dict[str, Fact] = {
    "now": _time("判断的时刻", "when it is decided", always=True),
    "direction": _text("进或出", "in or out", always=True, values=_all(Direction)),
    "method": _text("办理方式", "how the visit began", always=True, values=_all(Method)),
    "lane.name": _text("通道", "the lane", always=True),
    "lane.kind": _text("通道类型", "the lane's kind", always=True, values=("camera", "tablet", "scanner")),
    "lane.alone": _yes_no("居民在屏幕前自助办理", "people check in by themselves, at a screen"),
    "tier": _number("疫情等级 0–3", "the community's epidemic state, 0 to 3", always=True),
    "limits.*": _number("策略中的界限", "a limit of the policy, for example limits.fever in °C", always=True),
    "footing": _text(
        "下发包的新旧", "how fresh the office's bundle is", always=True, values=_all(Footing)
    ),
    "person.identified": _yes_no(
        "身份已由核验过的码或由值守人员确认", "a verified code or the volunteer's own registration says who it is"
    ),
    "person.name": _text("姓名", "name"),
    "person.birth_date": _text("出生日期（可不完整）", "date of birth, perhaps only its year or month"),
    "person.id_last4": _text("证件号后四位", "last four of the ID number"),
    "person.id_number": _text("证件号", "ID number"),
    "person.phone": _text("手机号", "phone number"),
    "person.household": _text("住户", "household"),
    "person.pass_number": _text("通行证号", "the number of an office pass"),
    "person.unreadable": _yes_no(
        "证件号码未通过校验，按证件所示登记",
        "the volunteer recorded the number as the document shows it, though its check fails", always=False,
    ),
    "person.kind": _text(
        "人员类别", "what kind of person it is", values=("resident", "worker", "visitor", "returnee")
    ),
    "person.age": _number("年龄（周岁）", "age in years, of a partial date of birth the fewest it can be"),
    "person.special": _text(
        "特殊人群", "who is given the gentler path", values=("child", "pregnant", "care")
    ),
    "code.presented": _yes_no("出示了码", "a code was shown or typed"),
    "code.recognised": _yes_no("码的种类可识别", "it is of a scheme the gate knows"),
    "code.verified": _yes_no("码已核验为真", "its issuer was verified and it is valid now"),
    "code.reason": _text(
        "未被接受的原因（无则为空）", "why it was not accepted, empty when nothing is wrong", always=True,
        values=(NO_REASON, *_all(Reason)),
    ),
    "code.scheme": _text("码的种类（例如 office-pass）", "the scheme, for example office-pass"),
    "code.verification": _text("核验程度", "how far it was verified", values=_all(Verification)),
    "code.level": _text(
        "健康码等级（不表示健康状况的码为 none）", "the level; none where it says nothing of health", values=_all(Level)
    ),
    "code.colour": _text("摄像头所见颜色", "the symbol's colour as the camera saw it", values=_all(Colour)),
    "code.issuer": _text("签发者", "the issuer"),
    "code.serial": _text("序列号", "the serial number"),
    "code.valid_from": _time("有效期起", "valid from"),
    "code.valid_until": _time("有效期止", "valid until"),
    "code.demo": _yes_no("演示用的码", "vouched for by a demonstration key", always=False),
    "code.copied": _yes_no(
        "同一个码刚在同一方向用过", "this very code was let through in the same direction a moment ago"
    ),
    "code.age_s": _number("动态码生成后的秒数", "seconds since a dynamic code was drawn"),
    "code.stale": _yes_no("动态码已过时", "a dynamic code older than its life"),
    "code.tests": _list("检测记录", "laboratory tests"),
    "code.tests.*.kind": _text("检测方法（例如 pcr）", "the kind of test, for example pcr"),
    "code.tests.*.result": _text("结果", "its result", values=("negative", "positive", "unknown")),
    "code.tests.*.taken_at": _time("采样时间", "when the sample was taken"),
    "code.tests.*.age_h": _number("距采样的小时数", "hours since then"),
    "code.vaccinations": _list("接种记录", "vaccinations"),
    "code.vaccinations.*.product": _text("疫苗", "the vaccine"),
    "code.vaccinations.*.dose": _number("第几剂", "which dose"),
    "code.vaccinations.*.doses": _number("共几剂", "of how many"),
    "code.vaccinations.*.date": _text("接种日期", "the day"),
    "code.recoveries": _list("康复记录", "recoveries"),
    "code.recoveries.*.first_positive": _text("首次阳性日期", "the day of the first positive test"),
    "code.recoveries.*.valid_from": _text("康复证明有效期起", "the first day on which the statement holds"),
    "code.recoveries.*.valid_until": _text("康复证明有效期止", "the last day on which the statement holds"),
    "code.certificate.kind": _text(
        "欧盟证书的种类", "the kind of a verified EU certificate", values=("vaccination", "test", "recovery")
    ),
    "code.certificate.country": _text("欧盟证书的签发国", "its issuing country, for example DE"),
    "code.certificate.kid": _text("欧盟证书的签名密钥编号", "its signer's key id in base64"),
    "code.certificate.payload": Fact(
        "document", Saying("欧盟证书原文", "all it says, for example code.certificate.payload.v.0.mp")
    ),
    "pass.presented": _yes_no("出示了街道通行证", "the code is an office pass"),
    "pass.valid": _yes_no("通行证有效", "it is verified, valid now and not revoked"),
    "pass.medium": _text(
        "通行证签发给手机还是纸张", "made for a phone or for paper, where the pass says so", values=("phone", "paper")
    ),
    "test.negative_age_h": _number(
        "最近一次核酸阴性距采样的小时数", "hours since the sample of the newest negative PCR test of a verified code"
    ),
    "reading.taken": _yes_no("已测温", "a temperature was taken"),
    "reading.celsius": _number("体温 ℃", "the temperature in °C"),
    "reading.device": _text("测温设备", "what took it"),
    "reading.site": _text("测温部位", "the body site"),
    "reading.taken_at": _time("测温时间", "when"),
    "reading.grade": _text(
        "测温的等级", "whether a screening device took it or a clinical one", values=("screening", "clinical")
    ),
    "reading.count": _number("测温次数", "how many readings were taken"),
    "reading.first": _number("第一次的体温 ℃", "the first reading in °C, where there were several"),
    "reading.confirmed": _yes_no("已用医用体温计复测", "a clinical reading was taken", always=False),
    "answers.*": _yes_no("询问的回答", "the reply to a question of the policy", always=False),
    "watch.listed": _yes_no("在重点人员名单上", "the office told the gate to watch for this person"),
    "watch.why": _list("列入名单的原因", "why, one text for each entry", always=True),
    "watch.why.*": _text("列入名单的一个原因", "one of these reasons"),
    "roster.listed": _yes_no("在住户名册上", "on the roster of who lives or works here"),
    "roster.household": _text("名册上的住户", "the household by the roster"),
    "declaration.found": _yes_no("已提前报告", "announced beforehand"),
    "declaration.state": _text(
        "提前报告的状态（没有则为空）", "whether the declaration may be used now, empty without one", always=True,
        values=("", "valid", "early", "expired", "used", "cancelled"),
    ),
    "declaration.kind": _text("提前报告的类别", "what was announced", values=("return", "visitor", "delivery")),
    "vehicle.present": _yes_no("乘车", "in a vehicle"),
    "vehicle.kind": _text("车辆类型", "the kind of vehicle", values=("ordinary", "new-energy", "temporary")),
    "vehicle.role": _text("驾驶员或乘客", "driver or passenger", values=("driver", "passenger")),
    "vehicle.purpose": _text("来访事由", "the purpose"),
    "vehicle.delivery": _yes_no("配送车辆", "it delivers something", always=False),
    "vehicle.inside": _yes_no("车辆在内", "the vehicle is inside", always=False),
    "vehicle.stay_min": _number("车辆在内的分钟数", "minutes since the vehicle came in"),
    "place.name": _text("场所", "the place behind the gate"),
    "place.inside": _number("在内人数", "people inside", always=True),
    "place.limit": _number("人数上限", "how many may be inside, absent without a limit"),
    "place.full": _yes_no("人数已满", "as many inside as may be"),
    "place.gathering": _number("聚集活动人数", "people expected at the event under way"),
    "place.gathering_approved": _yes_no("聚集活动已获批准", "the event has leave", always=False),
    "household.known": _yes_no("住户已知", "which household it is"),
    "household.outs_today": _number("该户今日外出人次", "outings of the household since midnight"),
    "household.last_out_h": _number(
        "该户上次外出距今的小时数",
        "hours since anybody of the household went out; an own exit of the last half hour is the same outing",
    ),
    "stays.risk": _yes_no("14 天内到过风险地区", "stayed in a risk region within 14 days", always=False),
    "stays.level": _text("所到地区的风险等级", "the highest risk of these regions", values=("high", "medium", "low")),
    "mask": _text("口罩", "whether a mask is worn", values=("worn", "reminded", "refused")),
    "party.size": _number("同行人数", "how many came together", always=True),
}  # fmt: skip

_DOCUMENTS = tuple(path for path, fact in SCHEMA.items() if fact.kind == "document")
_NUMBER_IN_LIST = re.compile(r"(?<=\.)[0-9]+(?=\.|$)")


def entry(path: str) -> Fact | None:
    """What lies at `path`, None for a path that no fact has. Limits and answers go by their policy (vetting.py)."""
    inside = next((document for document in _DOCUMENTS if path.startswith(f"{document}.")), path)
    return SCHEMA.get(_NUMBER_IN_LIST.sub("*", inside))


def fits(fact: Fact, value: Any) -> bool:
    """Whether `value` is of the fact's kind; a time is only known to be a text."""
    match fact.kind:
        case "yes-no":
            return isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        case "list":
            return isinstance(value, list)
        case "document":
            return True
        case _:
            return isinstance(value, str)


def spoken(path: str) -> Saying:
    """`path` in words, or as it stands where it has none."""
    found = entry(path)
    return found.say if found else Saying(path, path)


def markdown() -> str:
    """docs/facts.md."""
    rows = [
        f"| `{path}` | {fact.kind} | {'yes' if fact.always else ''} | {fact.say.zh} | {fact.say.en}{_choices(fact)} |"
        for path, fact in SCHEMA.items()
    ]
    return "\n".join([_HEAD, *rows, ""])


def _choices(fact: Fact) -> str:
    return ": " + ", ".join(f"`{value}`" if value else "empty" for value in fact.values) if fact.values else ""


_HEAD = """\
# Facts a rule may read

Written from `kiosk/screening/schema.py`; a test keeps the two alike. What is not known is not there: a rule that reads
an absent fact without a default is undecided, and undecided is **check** (`policy.md`). *always* marks what every
visit has. Times are text in RFC 3339, UTC. `*` stands for a number in a list (`code.tests.0.kind`), for the name of a
limit, or for the id of a question. A *document* is somebody else's JSON: whatever lies in it may be read.

| path | kind | always | 中文 | meaning |
|---|---|---|---|---|"""
