"""A pattern that a text could make run away is refused before it meets one."""

from __future__ import annotations

import pytest

from kiosk.codes.provincial.pattern import MAX_CHARS, MAX_WAYS, compiled, ways


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+b", "(?:a*)*", "(a|a)*b", "a*a*a*b", "(?:a{1,50}){1,50}", ".*.*x", r"(\w+)\s?\1", "(?=a)b", "a++b)",
        "(?i)abc", "^a$", "[", "(", "a{3,2}", "a**", "?", "", "x" * 400, "[]a]", "(?P<A>b)", r"\b", "(?#c)", "a{99999}",
    ],
)  # fmt: skip
def test_dangerous_and_broken_patterns_are_refused(pattern):
    with pytest.raises(ValueError):  # noqa: PT011 - each in words of its own
        compiled(pattern)


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("abc", 1), ("a{3}", 1), ("a?b", 2), ("a{2,5}", 4), ("(?:ab?|c)?", 4), ("a*+b++", 1), ("(a|b|c)d?", 6),
        ("[0-9a-f]{8,64}+", 1), (r"https://x\.y/(?P<token>[^&#]{1,20})(&.{0,9})?", 20 * 11), (".*", MAX_CHARS + 1),
    ],
)  # fmt: skip
def test_ways_are_counted(pattern, found):
    assert ways(pattern) == found
    assert compiled(pattern)


def test_the_worst_that_is_allowed_meets_the_worst_text_and_ends():
    worst = compiled("a{0,90}a{0,90}b")
    assert ways(worst.pattern) <= MAX_WAYS
    assert worst.fullmatch("a" * MAX_CHARS) is None


def test_digits_are_ascii():
    assert compiled(r"\d{3}").fullmatch("٣٣٣") is None
