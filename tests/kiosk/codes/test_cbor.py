from __future__ import annotations

import cbor2
import pytest
from cbor2 import CBORTag
from hypothesis import given
from hypothesis import strategies as st

from kiosk.codes import cbor

PLAIN = (type(None), bool, int, float, str, bytes, list, tuple, dict, cbor2.frozendict, CBORTag, cbor2.CBORSimpleValue)


def _all_of(item: object) -> list[object]:
    """`item` and everything in it."""
    match item:
        case CBORTag():
            return [item, *_all_of(item.value)]
        case list() | tuple():
            return [item, *(part for each in item for part in _all_of(each))]
        case dict() | cbor2.frozendict():
            return [item, *(part for pair in item.items() for each in pair for part in _all_of(each))]
        case _:
            return [item]


@pytest.mark.parametrize(
    "number", [*range(6), 24, 25, 28, 29, 30, 35, 36, 37, 52, 54, 100, 258, 260, 261, 1004, 43000, 55799]
)
def test_no_tag_is_interpreted(number: int) -> None:
    for value in (0, "2013-03-21", b"\1\2\3\4", [1, 2], {1: 2}):
        head = cbor2.dumps(CBORTag(number, 0))[:-1]
        item = cbor.decode(head + cbor2.dumps(value))
        assert isinstance(item, CBORTag)
        assert item.tag == number


@given(st.binary(max_size=200))
def test_strange_bytes_are_plain_values_or_a_value_error(data: bytes) -> None:
    try:
        item = cbor.decode(data)
    except ValueError:
        return
    assert all(isinstance(part, PLAIN) or part is cbor2.undefined for part in _all_of(item))


def test_a_key_twice_in_one_map_is_refused() -> None:
    for data in ("a201010102", "a2f5010102", "a2f93c00010102"):
        with pytest.raises(ValueError, match="not CBOR"):
            cbor.decode(bytes.fromhex(data))


def test_only_one_item_is_taken() -> None:
    with pytest.raises(ValueError, match="more behind"):
        cbor.decode(b"\1\1")
