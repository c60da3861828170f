"""What is wrong with a policy, in Chinese too: the problems that people meet while they work on one.

The checks themselves speak English, for scripts and for whoever writes a policy as a file; a problem that has no words
here is shown as it came.
"""

from __future__ import annotations

import re

from kiosk.model import Saying

_PLACE = re.compile(r"(?P<place>\S+): (?P<words>.+)", re.DOTALL)
_KINDS = {
    "yes or no": "是非题",
    "a text": "文字",
    "a number": "数字",
    "a time": "时间",
    "a list": "列表",
    "a document": "文书",
}
_WORDS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.DOTALL), words)
    for pattern, words in (
        (r"missing", "必须填写"),
        (r"must be a text, not ''", "不能为空"),
        (r"must be a text, not (.+)", r"必须是文字，现为 \1"),
        (r"longer than (\d+) characters", r"太长，最多 \1 字"),
        (r"(.+) must be small letters, digits and hyphens", r"\1 只能用小写字母、数字和横线"),
        (r"must be a whole number from (\S+) to (\S+), not (.+)", r"必须是 \1 到 \2 的整数，现为 \3"),
        (r"must be a number, not (.+)", r"必须是数字，现为 \1"),
        (r"(\S+) is not from (\S+) to (\S+)", r"\1 超出范围，应在 \2 到 \3 之间"),
        (r"must be true or false, not (.+)", r"必须是 true 或 false，现为 \1"),
        (r"must be some of (.+), each once, not (.+)", r"请从 \1 中至少选一个，不重复，现为 \2"),
        (r"must be an array of at most (\d+)", r"必须是列表，最多 \1 项"),
        (r"must be a table", "必须是一张表"),
        (r"unknown key; known: (.+)", r"没有这个项目，可写的有：\1"),
        (r"unknown verdict (.+); known: (.+)", r"没有 \1 这种处置，只有 \2"),
        (r"(.+) is no action; write (.+), a colon and a name", r"\1 不是动作，请写 \2 之一，加冒号和名称"),
        (r"(.+) is taken already", r"名称 \1 已被占用"),
        (r"no rule is enabled, so nothing would ever be found wrong", "没有启用任何规则，这样永远查不出问题"),
        (r"no enabled rule reads (.+)", r"没有启用的规则用到 \1，问了也不起作用"),
        (r"unknown fact (.+); did you mean (.+)\?", r"没有 \1 这项事实，是不是 \2？"),
        (r"unknown fact (.+); docs/facts\.md names them all", r"没有 \1 这项事实，可用的见 docs/facts.md"),
        (r"unknown operator (.+); known: (.+)", r"没有 \1 这种运算，可用的有：\2"),
        (r"(\S+) is (yes or no|a \w+) and never (.+)", r"\1 是{2}，不会等于 \3"),
        (r"(\S+) is (yes or no|a \w+), its default (.+) is not", r"\1 是{2}，缺省值 \3 不是"),
        (r"(\S+) is never (.+), only one of (.+)", r"\1 不会是 \2，只可能是 \3"),
        (r"(\S+) needs numbers, but (\S+) is (yes or no|a \w+)", r"\1 只能比较数字，而 \2 是{3}"),
        (r"(\S+) needs times, but (\S+) is (yes or no|a \w+)", r"\1 只能比较时间，而 \2 是{3}"),
        (r"(\S+) takes (?:at least )?(.+) operands, not (\d+)", r"\1 需要 \2 个运算项，现有 \3 个"),
        (r"an operation has exactly one key, this has (\d+): ?(.*)", r"每个运算只能有一个键，这里有 \1 个：\2"),
        (r"not of the form (.+)", r"格式应为 \1"),
        (r"null is no expression", "null 不是条件"),
        (r"nested deeper than (\d+)", r"嵌套太深，最多 \1 层"),
        (r"the expression has more than (\S+) parts", r"条件太长，最多 \1 项"),
        (
            r"contradicts rule (.+) \((.+)\): the same condition, another verdict",
            r"与规则 \1（\2）矛盾：条件相同，处置不同",
        ),
        (r"takes up to (\S+) steps, more than (\S+) \((.+)\); .+", r"判断太慢：最多要 \1 步，上限 \2 步（\3）"),
        (r"the policy is neither JSON nor TOML: (.+)", r"既不是 JSON 也不是 TOML：\1"),
    )
)


def say(problem: str) -> Saying:
    """A problem as the checks tell it, with or without its place before a colon."""
    found = _PLACE.fullmatch(problem)
    place, words = (f"{found['place']}: ", found["words"]) if found else ("", problem)
    for pattern, chinese in _WORDS:
        if match := pattern.fullmatch(words):
            return Saying(place + _filled(match, chinese), problem)
    return Saying(problem, problem)


def _filled(match: re.Match[str], chinese: str) -> str:
    """The Chinese words with what stood in the English ones: `\\1` as it is, `{2}` a kind of fact, translated."""

    def kind(place: re.Match[str]) -> str:
        named = match[int(place[1])]
        return _KINDS.get(named, named)

    return re.sub(r"\\(\d)", lambda place: match[int(place[1])], re.sub(r"\{(\d)\}", kind, chinese))
