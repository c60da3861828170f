"""What differs between two policies, in words. Documents are compared, not compiled rules: a draft may be wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from kiosk.model import Saying
from sync.office.policy import spoken, vocabulary
from sync.office.policy.values import Difference

Document = Mapping[str, Any]
ADDED, REMOVED, CHANGED = "added", "removed", "changed"
ALWAYS = {"when": True}
RULE_DEFAULTS: Document = {"tiers": [0, 1, 2, 3], "do": [], "source": "", "enabled": True}
ASKED_DEFAULTS: Document = {"when": True, "source": "", "risky": True, "kind": "yesno"}


def between(old: Document, new: Document) -> tuple[Difference, ...]:
    """Tier and title, limits, what is required and asked, rules: in this order; empty when both say the same."""
    return (*_heads(old, new), *_limits(old, new), *_lists(old, new), *_acceptance(old, new))


def _heads(old: Document, new: Document) -> Iterator[Difference]:
    if old.get("title") != new.get("title"):
        yield Difference(Saying("名称", "Title"), CHANGED, (_arrow(_title(old), _title(new)),))
    if old.get("tier", 0) != new.get("tier", 0):
        yield Difference(Saying("疫情等级", "Tier"), CHANGED, (_arrow(_tier(old), _tier(new)),))


def _limits(old: Document, new: Document) -> Iterator[Difference]:
    before, after = _table(old, "limits"), _table(new, "limits")
    for name in dict.fromkeys([*before, *after]):
        one, other = before.get(name), after.get(name)
        if one == other:
            continue
        limit = vocabulary.limit(name)
        what = Saying(f"界限：{limit.say.zh}", f"Limit: {limit.say.en}")
        shown = [
            Saying(f"{number} {limit.unit.zh}".strip(), f"{number} {limit.unit.en}".strip()) for number in (one, other)
        ]
        kind = ADDED if name not in before else REMOVED if name not in after else CHANGED
        line = {ADDED: shown[1], REMOVED: shown[0], CHANGED: _arrow(*shown)}[kind]
        yield Difference(what, kind, (line,))


def _lists(old: Document, new: Document) -> Iterator[Difference]:
    kinds: tuple[tuple[str, str, Saying, Document], ...] = (
        ("require", "fact", Saying("必填", "Required"), ASKED_DEFAULTS),
        ("question", "id", Saying("询问", "Question"), ASKED_DEFAULTS),
        ("rule", "id", Saying("规则", "Rule"), RULE_DEFAULTS),
    )
    for key, name, what, defaults in kinds:
        before, after = _named(old, key, name), _named(new, key, name)
        for row in dict.fromkeys([*before, *after]):
            one, other = before.get(row), after.get(row)
            title = Saying(f"{what.zh} {row}", f"{what.en} {row}")
            if one is None and other is not None:
                yield Difference(title, ADDED, tuple(_whole(other, new)))
            elif other is None and one is not None:
                yield Difference(title, REMOVED, tuple(_whole(one, old)))
            elif (
                one is not None
                and other is not None
                and (lines := tuple(_changes({**defaults, **one}, {**defaults, **other}, old, new)))
            ):
                yield Difference(title, CHANGED, lines)


def _acceptance(old: Document, new: Document) -> Iterator[Difference]:
    """A country's published rules, which are taken over whole."""
    what, (one, other) = (
        Saying("公布的验收规则", "Published acceptance rules"),
        (old.get("acceptance"), new.get("acceptance")),
    )
    if one != other:
        kind = ADDED if one is None else REMOVED if other is None else CHANGED
        counts = [len(side.get("rules", ())) if isinstance(side, Mapping) else 0 for side in (one, other)]
        said = [Saying(f"{count} 条", f"{count} rules") for count in counts]
        yield Difference(what, kind, (_arrow(*said),))


def _whole(row: Document, document: Document) -> Iterator[Saying]:
    """A rule, question or requirement that is there on one side only, in one line."""
    when = spoken.condition(row.get("when", True), document)
    said = _words(row.get("say") or row)
    verdict = vocabulary.VERDICTS.get(str(row.get("verdict", "")))
    yield Saying(
        f"{when.zh}" + (f" → {verdict.zh}" if verdict else "") + f"：{said.zh}",
        f"{when.en}" + (f" → {verdict.en}" if verdict else "") + f": {said.en}",
    )


def _changes(one: Document, other: Document, old: Document, new: Document) -> Iterator[Saying]:
    for key in dict.fromkeys([*one, *other]):
        before, after = one.get(key), other.get(key)
        if _text(before) == _text(after) or key in ("zh", "en"):
            continue
        if key == "enabled":
            yield Saying("启用", "switched on") if after else Saying("停用", "switched off")
        elif key == "when":
            pair = spoken.condition(before, old), spoken.condition(after, new)
            yield _labelled("when", _arrow(*pair) if pair[0] != pair[1] else Saying(_text(after), _text(after)))
        else:
            yield _labelled(key, _arrow(*(_SHOWN.get(key, _plain)(value) for value in (before, after))))
    if (one.get("zh"), one.get("en")) != (other.get("zh"), other.get("en")):
        yield _labelled("say", _arrow(_words(one), _words(other)))


_KEYS = {
    "when": Saying("条件", "condition"),
    "verdict": Saying("处置", "verdict"),
    "say": Saying("说法", "words"),
    "tiers": Saying("等级", "tiers"),
    "do": Saying("措施", "actions"),
    "source": Saying("依据", "source"),
}


def _labelled(key: str, said: Saying) -> Saying:
    name = _KEYS.get(key, Saying(key, key))
    return Saying(f"{name.zh}：{said.zh}", f"{name.en}: {said.en}")


def _arrow(one: Saying, other: Saying) -> Saying:
    return Saying(f"{one.zh} → {other.zh}", f"{one.en} → {other.en}")


def _plain(value: Any) -> Saying:
    text = value if isinstance(value, str) else _text(value)
    return Saying(text or "（空）", text or "(empty)")


def _words(say: Any) -> Saying:
    return Saying(str(say.get("zh", "")), str(say.get("en", ""))) if isinstance(say, Mapping) else _plain(say)


def _joined(values: Any) -> Saying:
    items = [str(value) for value in values] if isinstance(values, list) else [str(values)]
    return Saying("、".join(items) or "无", ", ".join(items) or "none")


_SHOWN: Mapping[str, Callable[[Any], Saying]] = {
    "verdict": lambda value: vocabulary.VERDICTS.get(str(value), _plain(value)),
    "say": _words,
    "tiers": _joined,
    "do": _joined,
}


def _title(document: Document) -> Saying:
    return _words(document.get("title", {}))


def _tier(document: Document) -> Saying:
    number = document.get("tier", 0)
    say = vocabulary.tier(number)
    return Saying(f"{number} {say.zh}", f"{number} {say.en}")


def _table(document: Document, key: str) -> Mapping[str, Any]:
    found = document.get(key)
    return found if isinstance(found, Mapping) else {}


def _named(document: Document, key: str, name: str) -> dict[str, Document]:
    rows = document.get(key)
    return {str(row.get(name)): row for row in rows if isinstance(row, Mapping)} if isinstance(rows, list) else {}


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
