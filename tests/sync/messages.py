"""Any message of the protocol, drawn from its own type: every bound that the type names is kept."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import strategies as st
from msgspec import inspect

SAFE = 2**53 - 1
TEXT = st.characters(codec="utf-8")  # lone surrogates are no text

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-SAFE, SAFE)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(TEXT, max_size=20)
)
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(TEXT, max_size=8), inner), max_leaves=12
)
OBJECTS = st.dictionaries(st.text(TEXT, max_size=8), JSON, max_size=4)


def messages(kind: type[msgspec.Struct]) -> st.SearchStrategy[Any]:
    """Instances of a message type."""
    return _of(inspect.type_info(kind))


def _of(kind: Any) -> st.SearchStrategy[Any]:
    match kind:
        case inspect.Metadata():
            return _of(kind.type)
        case inspect.StructType():
            return st.builds(kind.cls, **{field.name: _field(field) for field in kind.fields})
        case inspect.StrType():
            return _text(kind)
        case inspect.IntType():
            return st.integers(-SAFE if kind.ge is None else kind.ge, SAFE if kind.le is None else kind.le)
        case inspect.BoolType():
            return st.booleans()
        case inspect.NoneType():
            return st.none()
        case inspect.UnionType():
            return st.one_of(map(_of, kind.types))
        case inspect.ListType():
            return st.lists(_of(kind.item_type), max_size=min(kind.max_length or 3, 3))
        case inspect.DictType():
            if isinstance(kind.value_type, inspect.AnyType):
                return OBJECTS
            return st.dictionaries(_of(kind.key_type), _of(kind.value_type), max_size=3)
        case other:
            raise AssertionError(f"a message holds {other}")


def _field(field: Any) -> st.SearchStrategy[Any]:
    return _of(field.type) if field.required else _of(field.type) | st.just(_default(field))


def _default(field: Any) -> Any:
    return field.default_factory() if field.default is msgspec.NODEFAULT else field.default


def _text(kind: Any) -> st.SearchStrategy[str]:
    if kind.pattern:
        return st.from_regex(kind.pattern, fullmatch=True).filter(lambda text: len(text) <= (kind.max_length or 1000))
    return st.text(TEXT, min_size=kind.min_length or 0, max_size=min(kind.max_length or 60, 60))
