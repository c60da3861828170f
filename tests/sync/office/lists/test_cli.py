"""watch, roster, regions, places and declarations, as people and scripts run them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.sync.office.lists.rosters import ROSTER_HEAD, ZHANG, xlsx
from tests.sync.office.test_cli import Run, json_of

ROWS: list[list[Any]] = [["张三丰", ZHANG, "", "", "居家医学观察"], ["李四", "110105194912310021", "", "", "禁止进入"]]


@pytest.fixture
def people(run: Run, tmp_path: Path) -> Path:
    """A list with one good row and one bad, beside an office with a gate."""
    run("init")
    run("gate", "add", "东门")
    path = tmp_path / "people.xlsx"
    path.write_bytes(xlsx(ROWS))
    return path


def test_a_watch_list_is_shown_and_taken_only_when_somebody_says_so(run: Run, people: Path) -> None:
    done = run("watch", "import", str(people), code=2)
    assert "row 3, 证件号码" in done.stderr
    assert "第 18 位应为 X" in done.stderr
    assert json_of(run("watch", "list", "--json")) == []
    said = json_of(run("watch", "import", str(people), "--yes", "--json"))
    assert (said["new"], said["bad"], said["taken"]) == (1, 1, True)
    (entry,) = json_of(run("watch", "list", "--find", ZHANG, "--json"))
    assert (entry["name"], entry["why"]) == ("张*丰", "observation")
    released = json_of(run("watch", "release", entry["id"], "--yes", "--json"))
    assert released["why"] == "released"
    ended = json_of(run("watch", "end", released["id"], "--why", "done", "--json"))
    assert ended["state"] == "ended"


def test_a_check_changes_nothing_and_says_by_its_code_that_something_is_wrong(run: Run, people: Path) -> None:
    assert json_of(run("watch", "import", str(people), "--check", "--json", code=1))["taken"] is False
    assert json_of(run("watch", "list", "--json")) == []


def test_the_roster_takes_templates_and_single_people(run: Run, people: Path, tmp_path: Path) -> None:
    run("roster", "template", str(tmp_path / "t.xlsx"))
    assert (tmp_path / "t.xlsx").read_bytes().startswith(b"PK")
    run("roster", "add", "李小梅", "--phone", "13712340000", "--household", "3-2-501")
    people.write_bytes(xlsx([["王芳", "", "13612340000", "", "1-1-101", "居民"]], ROSTER_HEAD))
    said = json_of(run("roster", "import", str(people), "--replace", "--yes", "--json"))
    assert (said["new"], said["gone"]) == (1, 1)
    assert "household" in run("roster", "add", "张三", "--phone", "13800000000", code=2).stderr


def test_regions_places_and_announcements(run: Run, people: Path, tmp_path: Path) -> None:
    regions = tmp_path / "regions.csv"
    regions.write_text("代码,名称\n110105,朝阳区\n", "utf-8")
    run("regions", "set", str(regions))
    assert [row["code"] for row in json_of(run("regions", "list", "--json"))] == ["110105"]
    regions.write_text("代码,名称\n1101,\n", "utf-8")
    assert "row 2" in run("regions", "set", str(regions), code=2).stderr
    run("places", "add", "菜市场", "--limit", "80", "--gate", "东门")
    assert json_of(run("places", "list", "--json"))["places"][0]["limit"] == 80
    made = json_of(run("declarations", "add", "张三", "--phone", "13812348000", "--json"))
    assert made["state"] == "valid"
    assert json_of(run("declarations", "cancel", made["id"], "--json"))["state"] == "cancelled"
    assert "/phone#" in run("declarations", "link", "3-2-501").stdout
