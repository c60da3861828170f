"""Provinces come from the shipped files and from a folder; what is wrong with any of them is said at once."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest

from kiosk.codes.provincial import Secret, shipped
from kiosk.config import Access, Provinces
from kiosk.errors import ConfigError
from kiosk.provinces.access import access, load

SHIPPED = resources.files("kiosk.codes.provincial").joinpath("shipped/suishen.toml").read_text(encoding="utf-8")


def test_the_three_shipped_provinces_are_known_unless_told_otherwise():
    assert [province.id for province in load(Provinces())] == ["bamin", "sukang", "suishen"]


def test_a_demonstration_knows_the_test_province_besides_once():
    assert [province.id for province in load(Provinces(enabled=("sukang",)), demo=True)] == ["sukang", "test-province"]
    assert [province.id for province in load(Provinces(enabled=("test-province",)), demo=True)] == ["test-province"]


def test_a_file_in_the_folder_is_a_province(tmp_path: Path):
    text = SHIPPED.replace('id = "suishen"', 'id = "mine"').replace("s.sh.gov.cn", "code.mine.example")
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    (found,) = load(Provinces(enabled=("mine", "mine"), folder=tmp_path))
    assert (found.id, found.form[0].begins) == ("mine", "https://code.mine.example/")


def test_a_file_in_the_folder_counts_before_the_shipped_one(tmp_path: Path):
    changed = SHIPPED.replace("unverified_against_live = true", "unverified_against_live = false")
    (tmp_path / "suishen.toml").write_text(changed, encoding="utf-8")
    (found,) = load(Provinces(enabled=("suishen",), folder=tmp_path))
    assert not found.unverified_against_live


def test_every_problem_of_every_file_is_named(tmp_path: Path):
    (tmp_path / "a.toml").write_text("id = ", encoding="utf-8")
    (tmp_path / "b.toml").write_bytes(b"\xff")
    (tmp_path / "c.toml").write_text(SHIPPED, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load(Provinces(enabled=("a", "b", "c", "d", "../a"), folder=tmp_path))
    starts = (
        "a.toml: not TOML",
        "b.toml: cannot be read",
        "c.toml: id: is 'suishen'",
        "kiosk.toml: [provinces] enabled",
    )
    for start in starts:
        assert any(problem.startswith(start) for problem in caught.value.problems), start


def test_the_secret_comes_from_the_environment_and_from_nowhere_else():
    province = shipped("suishen")
    settings = Provinces(access={"suishen": Access(endpoint="https://api.example/", app="a")})
    ready = access(province, settings, {"GATEHOUSE_SUISHEN_SECRET": "hush"})
    assert isinstance(ready.secret, Secret)
    assert (ready.missing, ready.gate.endpoint) == ((), "https://api.example")
    assert "hush" not in repr(ready)
    assert access(province, settings, {}).missing == ("the environment variable GATEHOUSE_SUISHEN_SECRET",)
