"""The words of policy work: limits with unit, range and source, tiers, verdicts, and what facts' values are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kiosk.model import Saying
from kiosk.screening.limits import LIMITS

NO_UNIT = Saying("", "")


@dataclass(frozen=True, slots=True)
class Limit:
    """What a number of `[limits]` is for. `source` is the row of the requirements it comes from; without a range any
    number will do."""

    name: str
    say: Saying
    unit: Saying = NO_UNIT
    source: str = ""
    lowest: float | None = None
    highest: float | None = None


TIERS: Mapping[int, Saying] = {
    0: Saying("常态防控", "Everyday control"),
    1: Saying("外地有疫情，本社区无病例：外防输入", "An epidemic elsewhere, no case here"),
    2: Saying("本社区出现病例或暴发", "A case or an outbreak here"),
    3: Saying("社区传播：封闭管理", "Community transmission: closure"),
}
VERDICTS: Mapping[str, Saying] = {
    "admit": Saying("放行", "admit"),
    "check": Saying("复核", "check"),
    "refuse": Saying("劝返", "refuse"),
    "isolate": Saying("留观", "isolate"),
}
STATES: Mapping[str, Saying] = {
    "draft": Saying("草稿", "draft"),
    "submitted": Saying("待批准", "waiting for approval"),
    "rejected": Saying("被退回", "rejected"),
    "approved": Saying("已批准", "approved"),
    "published": Saying("已发布", "published"),
    "withdrawn": Saying("已撤销", "withdrawn"),
}
JOINS: Mapping[str, Saying] = {
    "all": Saying("并且（全部成立）", "and: all of these"),
    "any": Saying("或者（任一成立）", "or: any of these"),
    "none": Saying("非（都不成立）", "not: none of these"),
    "not-all": Saying("并非全部成立", "not all of these"),
}
RELATIONS: Mapping[str, Saying] = {
    "is": Saying("是", "is so"),
    "is-not": Saying("不是", "is not so"),
    "eq": Saying("等于", "equals"),
    "ne": Saying("不等于", "does not equal"),
    "in": Saying("属于", "is one of"),
    "not-in": Saying("不属于", "is none of"),
    "same": Saying("与此项相同：", "is the same as"),
    "differs": Saying("与此项不同：", "differs from"),
    "ge": Saying("≥", "≥"),
    "gt": Saying("＞", ">"),
    "le": Saying("≤", "≤"),
    "lt": Saying("＜", "<"),
    "before": Saying("早于", "is before"),
    "not-after": Saying("不晚于", "is not after"),
    "after": Saying("晚于", "is after"),
    "not-before": Saying("不早于", "is not before"),
    "has": Saying("包含", "holds"),
    "has-not": Saying("不包含", "does not hold"),
}
GROUPS: Mapping[str, Saying] = {
    "answers": Saying("询问的回答", "Replies"),
    "limits": Saying("界限", "Limits"),
    "person": Saying("本人", "The person"),
    "code": Saying("健康码", "The code"),
    "pass": Saying("通行证", "The pass"),
    "reading": Saying("测温", "The reading"),
    "test": Saying("检测", "Tests"),
    "watch": Saying("重点人员", "Watch list"),
    "roster": Saying("住户名册", "Roster"),
    "declaration": Saying("报备", "Declarations"),
    "vehicle": Saying("车辆", "Vehicle"),
    "place": Saying("场所", "The place"),
    "household": Saying("住户", "Household"),
    "stays": Saying("旅居", "Stays"),
    "party": Saying("同行", "Party"),
    "lane": Saying("通道", "Lane"),
    "": Saying("办理", "The visit"),
}

_VALUES: Mapping[str, Saying] = {
    "in": Saying("进", "in"), "out": Saying("出", "out"),
    "camera": Saying("摄像头", "camera"), "tablet": Saying("平板自助", "tablet"),
    "scanner": Saying("扫码枪", "scanner"),
    "upload": Saying("上传照片", "photo"), "hand": Saying("手工登记", "by hand"),
    "green": Saying("绿", "green"), "yellow": Saying("黄", "yellow"), "red": Saying("红", "red"),
    "black": Saying("黑", "black"), "unsure": Saying("看不准", "unsure"),
    "fresh": Saying("新", "fresh"), "stale": Saying("偏旧", "stale"), "expired": Saying("已过期", "expired"),
    "none": Saying("没有", "none"), "": Saying("（空）", "(empty)"),
    "verified": Saying("已核验", "verified"), "unverified": Saying("无法核验", "unverified"),
    "failed": Saying("核验不通过", "failed"),
    "unknown-scheme": Saying("不是认识的健康码", "unknown scheme"), "malformed": Saying("内容残缺", "malformed"),
    "schema": Saying("内容不合格式", "not of its schema"), "unknown-issuer": Saying("签发者不明", "unknown issuer"),
    "bad-signature": Saying("签名不对", "bad signature"), "wrong-usage": Saying("用途不符", "wrong usage"),
    "not-yet-valid": Saying("尚未生效", "not valid yet"), "revoked": Saying("已作废", "revoked"),
    "unverifiable": Saying("此类码无法离线核验", "unverifiable"),
    "possibly-revoked": Saying("可能已被注销", "possibly revoked"),
    "unreachable": Saying("连不上签发方", "unreachable"),
    "not-permitted": Saying("签发方不许核验", "not permitted"), "replayed": Saying("一次性的码已用过", "replayed"),
    "incomplete": Saying("只出示了一部分", "incomplete"), "too-large": Saying("内容过大", "too large"),
    "negative": Saying("阴性", "negative"), "positive": Saying("阳性", "positive"),
    "unknown": Saying("不明", "unknown"), "phone": Saying("手机", "phone"), "paper": Saying("纸张", "paper"),
    "resident": Saying("居民", "resident"), "worker": Saying("务工人员", "worker"),
    "visitor": Saying("访客", "visitor"), "returnee": Saying("返乡人员", "returnee"),
    "child": Saying("儿童", "child"), "pregnant": Saying("孕产妇", "pregnant"),
    "care": Saying("需要照护", "needs care"),
    "screening": Saying("初筛", "screening"), "clinical": Saying("临床级", "clinical"),
    "reminded": Saying("经提醒佩戴", "put on when asked"), "refused": Saying("拒绝佩戴", "refused"),
    "worn": Saying("已佩戴", "worn"), "observation": Saying("居家医学观察", "observation at home"),
}  # fmt: skip


def limit(name: str) -> Limit:
    """What a limit is for; one of a policy's own is named by itself."""
    if known := LIMITS.get(name):
        return Limit(name, known.say, known.unit, known.source, known.lowest, known.highest)
    return Limit(name, Saying(name, name))


def value(text: str) -> Saying:
    """A fact's value in words; one that has none stands as it is."""
    return _VALUES.get(text, Saying(text, text))


def tier(number: object) -> Saying:
    return TIERS.get(number, Saying("?", "?")) if isinstance(number, int) else Saying("?", "?")
