"""Each release's own rules, both sides of every boundary."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kiosk.codes.dcc import schema
from kiosk.codes.dcc.payload import CLAIM, certificate, plain

from ..ministry import NAME, UVCI, payload

ALL = ("1.0.0", "1.0.1", "1.1.0", "1.2.1", "1.3.0", "1.3.3")
FIFTY, EIGHTY = "x" * 50, "x" * 80


def problem(shown: Any) -> str | None:
    return schema.problem(certificate({CLAIM: {1: shown}}))


@pytest.mark.parametrize("version", ALL)
@pytest.mark.parametrize("group", ["v", "t", "r"])
def test_a_good_certificate_is_good_under_every_release(version: str, group: str) -> None:
    assert problem(payload(group, version)) is None


@pytest.mark.parametrize(
    ("good_since", "group", "more"),
    [
        ("1.1.0", "v", {"dob": "1998"}),
        ("1.1.0", "v", {"dob": "1998-02"}),
        ("1.1.0", "v", {"dob": "1950-00-00"}),
        ("1.3.0", "v", {"dob": ""}),
        ("1.3.0", "v", {"entry": {"ci": UVCI + "XX"}}),
        ("1.3.0", "v", {"entry": {"is": EIGHTY}}),
        ("1.3.0", "v", {"entry": {"dn": 10, "sd": 11}}),
        ("1.3.0", "v", {"nam": {**NAME, "fn": EIGHTY}}),
        ("1.3.0", "t", {"entry": {"tc": ...}}),
        ("1.2.1", "t", {"entry": {"dr": "yesterday"}}),
        ("1.3.3", "v", {"nam": {"gnt": "ERIKA"}}),
        ("1.0.0", "t", {"entry": {"nm": FIFTY, "dr": "2021-11-21T12:34:56Z"}}),
        ("1.0.0", "t", {"entry": {"ma": "", "nm": ...}}),
        ("1.0.0", "v", {"entry": {"dn": 9, "sd": 1}}),
        ("1.0.0", "v", {"t": None, "r": None}),
        ("1.0.0", "v", {"dob": "1998-02-26T00:00:00", "entry": {"dt": "2021-02-18T00:00:00Z"}}),
        ("1.0.0", "v", {"unknown": {"anything": [1, 2.5, None]}}),
        ("1.0.0", "r", {"entry": {"fr": "2021-02-20T00:00:00.000+01:00"}}),
    ],
)
def test_what_a_later_release_allows_an_earlier_one_does_not(good_since: str, group: str, more: Any) -> None:
    for version in ALL:
        found = problem(payload(group, version, **more))
        assert (found is None) is (version >= good_since), (version, found)


@pytest.mark.parametrize(
    ("group", "more", "place"),
    [
        ("v", {"ver": "2.0.0"}, "ver"),
        ("v", {"ver": "1.3"}, "ver"),
        ("v", {"ver": 1}, "ver"),
        ("v", {"ver": ...}, "ver"),
        ("v", {"ver": "1.3.0\n"}, "ver"),
        ("v", {"nam": ...}, "nam"),
        ("v", {"nam": "ERIKA"}, "nam"),
        ("v", {"nam": {}}, "nam"),
        ("v", {"nam": {"fn": "x"}}, "nam"),
        ("v", {"nam": {**NAME, "fnt": "Mustermann"}}, "nam.fnt"),
        ("v", {"nam": {**NAME, "gnt": "ERIKA MARIA"}}, "nam.gnt"),
        ("v", {"nam": {**NAME, "fn": EIGHTY + "x"}}, "nam.fn"),
        ("v", {"dob": ...}, "dob"),
        ("v", {"dob": "26.02.1998"}, "dob"),
        ("v", {"dob": "1898-02-26"}, "dob"),
        ("v", {"dob": "1998T00:00:00"}, "dob"),
        ("v", {"dob": "1998-02-26T12:00:00"}, "dob"),
        ("v", {"dob": 1998}, "dob"),
        ("v", {"entry": {"dn": 0}}, "v.dn"),
        ("v", {"entry": {"dn": "2"}}, "v.dn"),
        ("v", {"entry": {"dn": True}}, "v.dn"),
        ("v", {"entry": {"sd": 1.5}}, "v.sd"),
        ("v", {"entry": {"dt": "2021-02"}}, "v.dt"),
        ("v", {"entry": {"dt": "2021-02-30"}}, "v.dt"),
        ("v", {"entry": {"dt": "2021-02-18T10:00:00Z"}}, "v.dt"),
        ("v", {"entry": {"mp": 7}}, "v.mp"),
        ("v", {"entry": {"co": "at"}}, "v.co"),
        ("v", {"entry": {"ci": None}}, "v.ci"),
        ("t", {"entry": {"sc": "2021-11-21"}}, "t.sc"),
        ("t", {"entry": {"sc": "2021-11-21T12:34:56"}}, "t.sc"),
        ("t", {"entry": {"sc": "2021-11-21T25:34:56Z"}}, "t.sc"),
        ("t", {"entry": {"sc": "0001-01-01T00:00:00+14:00"}}, "t.sc"),
        ("t", {"entry": {"sc": 1637490896}}, "t.sc"),
        ("r", {"entry": {"du": "2021-13-01"}}, "r.du"),
    ],
)
def test_what_no_release_allows_is_named_with_its_place(group: str, more: Any, place: str) -> None:
    found = problem(payload(group, **more))
    assert found is not None
    assert found.partition(":")[0] == place


@pytest.mark.parametrize("group", ["v", "t", "r"])
def test_every_member_that_must_be_there_must_be_there(group: str) -> None:
    optional = {"nm", "ma", "tc"} if group == "t" else set()
    for member in payload(group)[group][0]:
        found = problem(payload(group, entry={member: ...}))
        assert found == (None if member in optional else f"{group}.{member}: missing")


@pytest.mark.parametrize("offset", ["Z", "z", "+02:00", "-0330", "+01", ".123456789Z"])
def test_a_sampling_time_may_be_written_in_several_ways(offset: str) -> None:
    assert problem(payload("t", entry={"sc": "2021-11-21T12:34:56" + offset})) is None


@pytest.mark.parametrize(
    "more",
    [
        {"t": [{}]},
        {"v": []},
        {"v": None},
        {"v": [payload()["v"][0]] * 2},
        {"v": payload()["v"][0]},
        {"v": ["x"]},
    ],
)
def test_a_certificate_is_of_exactly_one_kind_with_one_element(more: Any) -> None:
    with pytest.raises(ValueError, match=r"one of|one object"):
        certificate({CLAIM: {1: payload() | more}})


def test_a_whole_number_with_a_point_is_a_whole_number() -> None:
    assert json.dumps(plain({"dn": 2.0, "x": [1.5, (True, None)]})) == '{"dn": 2, "x": [1.5, [true, null]]}'


@pytest.mark.parametrize("value", [b"x", {1: "x"}, float("nan"), float("inf"), 2**53, {"x": {b"y": 1}}])
def test_what_json_cannot_say_has_no_place_in_a_certificate(value: Any) -> None:
    with pytest.raises(ValueError, match=r"place|name"):
        plain(value)
