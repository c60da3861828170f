"""逐日核对: the table of gates and days, a day's report with its countersignature, the events behind each figure."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.sync.office.conftest import ManualClock
from tests.sync.office.gate_end import GateEnd, enrolled
from tests.web.office import world as worlds
from tests.web.office.desk import Desk, links, words
from tests.web.office.world import World

DAY = "2026-11-22"


@pytest.fixture
def closed(world: World, clock: ManualClock) -> World:
    """A minute past midnight: the east gate has closed its day, the others have not."""
    clock.go(hours=12, minutes=1)
    passages = sum(event.kind == "passage" and not event.open.get("demo") for event in world.east.journal.events)
    counts = {"passages": passages, "in": passages, "isolate": 0, "alerts": 1}
    world.east.journal.append("day.close", clock.at, {"gate": world.east.id, "day": DAY, "counts": counts})
    worlds.send_all(world.east)
    return world


def test_the_table_shows_every_gate_on_every_day(closed: World, clerk: Desk) -> None:
    page = clerk.get("/days")
    text = words(page)
    for part in ("东门", "西门", "南门", "11-17", "11-23", "完整", "待收", "分叉"):
        assert part in text, part
    assert f"/days/{closed.east.id}/{DAY}" in links(page, "/days/[0-9a-f-]+/.*")


def test_a_state_filters_the_gates_that_have_such_a_day(closed: World, clerk: Desk) -> None:
    worlds.a_fork(closed)
    text = words(clerk.get("/days?state=fork"))
    assert "东门" in text
    assert "西门" not in text.partition("图例")[0].partition("清除")[2]
    assert "没有符合条件的门岗" in words(clerk.get("/days?state=gap&span=31"))
    for wrong in ("span=8", "until=yesterday"):
        assert clerk.get(f"/days?{wrong}").status_code == 422


def test_a_branch_sees_its_own_gates_only(closed: World, heping: Desk) -> None:
    text = words(heping.get("/days"))
    assert "南门" in text
    assert "东门" not in text
    for path in ("", "/events"):
        assert heping.get(f"/days/{closed.east.id}/{DAY}{path}").status_code == 404


@pytest.fixture
def overridden(world: World, clock: ManualClock) -> World:
    """The west gate has closed its day: two people who had to be checked were let in, one companion was kept."""
    clock.go(hours=12, minutes=1)
    counts = {"passages": 5, "admit": 3, "check": 2, "overrides": 2, "kept": 1, "override:check:admit": 2}
    world.west.journal.append("day.close", clock.at, {"gate": world.west.id, "day": DAY, "counts": counts})
    worlds.send_all(world.west)
    return world


def test_the_report_tells_what_people_decided_otherwise_beside_the_policys_verdicts(
    overridden: World, clerk: Desk
) -> None:
    page = clerk.get(f"/days/{overridden.west.id}/{DAY}")
    said = " ".join(words(page).split())
    assert "通行 5 放行 3 复核 2 改判 2 复核 Check → 放行 Admit ×2 随同行者暂留 1" in said, said[
        said.find("门岗自报") :
    ][:300]
    assert "按策略原判计数" in words(page)


def test_an_older_gates_report_says_nothing_of_overrides(closed: World, clerk: Desk) -> None:
    page = clerk.get(f"/days/{closed.east.id}/{DAY}")
    assert "暂留" not in words(page)
    assert "data-way" not in page.text


def test_the_report_shows_zero_too_with_digest_and_countersignature(closed: World, clerk: Desk) -> None:
    page = clerk.get(f"/days/{closed.east.id}/{DAY}")
    text = words(page)
    event = closed.east.journal.events[-1]
    close = closed.office.days.one(closed.office.gates.get(closed.east.id, worlds.EVERYTHING), event.at.date()).close
    assert close is not None
    for part in (event.digest, close.signature, "留观 0", "预警 1", "门岗自报通行"):
        assert part in text, part
    assert 'class="qr"' in page.get_data(as_text=True)


def test_every_figure_opens_as_many_events_as_it_says(closed: World, clerk: Desk) -> None:
    gate = closed.office.gates.get(closed.west.id, worlds.EVERYTHING)
    figures = closed.office.days.one(gate, closed.clock().date()).figures
    assert figures.away > 0
    base = f"/days/{gate.id}/{DAY}/events"
    for which, count in (("", figures.events), ("away", figures.away), ("late", figures.away + figures.held)):
        assert f"共 {count} 条" in words(clerk.get(f"{base}?which={which}"))
    assert "没有这样的事件" in words(clerk.get(f"{base}?which=nothing"))


def test_a_day_without_a_report_says_so(closed: World, clerk: Desk) -> None:
    text = words(clerk.get(f"/days/{closed.west.id}/{DAY}"))
    assert "门岗还没有结账" in text
    assert "还没有日报" in text
    assert clerk.get(f"/days/{closed.west.id}/yesterday").status_code == 404


def test_a_day_is_checked_again_and_given_out(closed: World, clerk: Desk, tmp_path: Path) -> None:
    path = f"/days/{closed.east.id}/{DAY}"
    assert "条完整，摘要" in words(clerk.send(f"{path}/verify", page=path))
    given = clerk.send(f"{path}/proof.zip", page=path)
    assert given.mimetype == "application/zip"
    with zipfile.ZipFile(io.BytesIO(given.data)) as archive:
        archive.extractall(tmp_path)
    command = [sys.executable, "-I", str(tmp_path / "verify.py")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "OK: everything holds")
    assert closed.office.audit.page(worlds.EVERYTHING).rows[0].what == "day.proof"


def test_a_street_with_fifty_gates_fits_in_one_table(closed: World, clerk: Desk, clock: ManualClock) -> None:
    for number in range(47):
        end = GateEnd(closed.office, enrolled(closed.office, closed.peace, f"{number} 号门").id, clock)
        end.passes(1)
        end.send()
    page = clerk.get("/days?span=31")
    assert page.get_data(as_text=True).count('role="rowheader"') == 50
    assert len(links(page, "/days/[0-9a-f-]+/2026-11-23")) == 50
