from __future__ import annotations

import base45 as second_opinion
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.codes import base45

EXAMPLES = [("BB8", b"AB"), ("%69 VD92EX0", b"Hello!!"), ("UJCLQE7W581", b"base-45"), ("QED8WEX0", b"ietf!"), ("", b"")]


@pytest.mark.parametrize(("text", "data"), EXAMPLES)
def test_the_standards_examples_come_out_as_printed(text: str, data: bytes) -> None:
    assert (base45.decode(text), base45.encode(data)) == (data, text)


@given(st.binary(max_size=900))
def test_what_is_encoded_comes_back_and_another_library_writes_the_same(data: bytes) -> None:
    text = base45.encode(data)
    assert base45.decode(text) == data
    assert text == second_opinion.b45encode(data).decode()


@given(st.text(alphabet=base45.ALPHABET.decode(), max_size=40) | st.text(max_size=8))
def test_another_library_takes_and_refuses_the_same(text: str) -> None:
    try:
        expected = second_opinion.b45decode(text.encode("ascii"))
    except ValueError:
        with pytest.raises(ValueError):  # noqa: PT011  whatever it says
            base45.decode(text)
    else:
        assert base45.decode(text) == expected


def test_the_largest_values_still_fit() -> None:
    assert base45.decode("FGWU5") == b"\xff\xff\xff"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("GGW", "more than two bytes"),  # 65,536: the standard's own example
        ("::::::", "more than two bytes"),
        ("V5", "more than one byte"),  # 256
        ("BB8B", "left over"),
        ("bb8", "alphabet"),
        ("BB8\n", "alphabet"),
        ("BB8 ", "left over"),
        ("ＢＢ８", "ascii"),
    ],
)
def test_anything_but_strict_base45_is_refused(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        base45.decode(text)
