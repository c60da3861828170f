"""U 盘代传 at the office: a gate's parcel comes in on a page, its answer goes out; what is wrong is said in words."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from sync.courier import Courier
from sync.office.values import EVERYTHING, Scope
from tests.journeys.house import until
from tests.sync.live import GateBox, LiveOffice, gate, live, new_gate
from tests.web.office.desk import Desk, token, words
from web.app import create_office_app
from web.office import courier as page

__all__ = ["gate", "live", "new_gate"]

PASSWORD = "a password for the stick"


@dataclass
class Counter:
    """A desk where sticks are handed in."""

    desk: Desk
    live: LiveOffice

    def hand_in(self, file: Path, **form: str) -> TestResponse:
        data = {"csrf_token": token(self.desk.get("/courier")), "file": (io.BytesIO(file.read_bytes()), "a.parcel")}
        return self.desk.client.post("/courier", data=data | form)

    def wait(self, answer: TestResponse) -> TestResponse:
        """The page of the parcel once all of it is in."""
        assert answer.status_code == 302, words(answer)
        return until(lambda: self._done(answer.location), "it was not taken in")

    def fetch(self, gate: GateBox, to: Path) -> None:
        answer = self.desk.send(f"/courier/{gate.identity.gate}/answer.parcel", page="/courier")
        assert (answer.status_code, answer.mimetype) == (200, "application/octet-stream")
        assert "attachment" in answer.headers["Content-Disposition"]
        to.write_bytes(answer.data)

    def _done(self, address: str) -> TestResponse | None:
        found = self.desk.get(address)
        return found if "http-equiv" not in found.get_data(as_text=True) else None


@pytest.fixture
def at_desk(live: LiveOffice) -> Callable[..., Counter]:
    def sit_down(login: str, scope: Scope = EVERYTHING) -> Counter:
        first = live.office.users.add(login, login, "clerk", scope, who="test")
        user = live.office.users.check(login, first, live.office.now())
        assert user is not None
        live.office.users.change_password(user, first, PASSWORD, live.office.now())
        app = create_office_app(live.office)
        return Counter(Desk(app.test_client()).enter(login, PASSWORD), live)

    return sit_down


@pytest.fixture
def counter(at_desk: Callable[..., Counter]) -> Counter:
    return at_desk("lin")


@pytest.fixture
def stick(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "stick"
    folder.mkdir()
    yield folder
    shutil.rmtree(folder)


def carrier(gate: GateBox) -> Courier:
    return Courier(
        journal=gate.journal, handdown=gate.handdown, identity=gate.identity, sign_key=gate.keys.sign, now=gate.now
    )


def test_a_parcel_comes_in_and_its_answer_goes_back(counter: Counter, gate: GateBox, stick: Path) -> None:
    gate.record(7)
    carrier(gate).out(stick / "out")
    said = words(counter.wait(counter.hand_in(stick / "out")))
    assert "新收到 8 条" in said
    assert "东门" in said
    counter.fetch(gate, stick / "in")
    assert carrier(gate).take(stick / "in").acknowledged == 8
    assert counter.live.visits() == sorted(gate.visits)
    assert list((counter.live.settings.var / "courier").glob("*.parcel")) == []
    assert [row.who for row in counter.live.office.audit.page(EVERYTHING).rows if row.what.startswith("courier.")] == [
        "lin",
        "lin",
    ]

    assert "重复收取没有影响" in words(counter.wait(counter.hand_in(stick / "out")))
    carrier(gate).out(stick / "empty")
    assert "没有等待上报的记录" in words(counter.wait(counter.hand_in(stick / "empty")))
    assert counter.live.visits() == sorted(gate.visits)


def test_what_cannot_be_taken_is_said_in_words_and_nothing_of_it_is(
    counter: Counter, gate: GateBox, stick: Path
) -> None:
    gate.record(3)
    carrier(gate).out(stick / "out")
    whole = (stick / "out").read_bytes()
    counter.fetch(gate, stick / "answer")
    office = gate.identity.office_key.hex()
    for content, said in (
        (b"%PDF-1.7 something else", "不是门岗写出的代传文件"),
        (whole[:-1], "不完整或被改动过"),
        (whole[:-90] + bytes([whole[-90] ^ 1]) + whole[-89:], "不完整或被改动过"),
        (whole.replace(office.encode(), b"00" * 32), "写给另一个街道办"),
        (whole.replace(gate.identity.gate.encode(), b"01936f10-0000-7000-8000-00000000dead"), "没有在这里注册"),
        ((stick / "answer").read_bytes(), "街道办写给门岗的回执"),
        (whole.replace(b"PARCEL 1\n{", b"PARCEL 1\n["), "先升级街道办软件"),
    ):
        (stick / "broken").write_bytes(content)
        answer = counter.hand_in(stick / "broken")
        assert (answer.status_code, said in words(answer)) == (422, True), words(answer)
    assert counter.live.visits() == []
    assert [file for file in (counter.live.settings.var / "courier").iterdir() if file.suffix == ".parcel"] == []


def test_a_part_that_does_not_fit_is_named_and_how_to_bring_all_of_it(
    counter: Counter, gate: GateBox, stick: Path
) -> None:
    gate.record(2)
    held = gate.journal.head()
    gate.journal.acknowledge(held.seq, held.digest, gate.now())  # as of an office that was put back from a copy
    gate.record(2)
    carrier(gate).out(stick / "out")
    said = words(counter.wait(counter.hand_in(stick / "out")))
    assert "有一部分没有收取" in said
    assert "carry out --all" in said
    carrier(gate).out(stick / "all", everything=True)
    assert "新收到 5 条" in words(counter.wait(counter.hand_in(stick / "all")))


def test_only_who_may_see_the_gate_hands_in_and_fetches(
    counter: Counter, at_desk: Callable[..., Counter], gate: GateBox, stick: Path
) -> None:
    gate.record(1)
    carrier(gate).out(stick / "out")
    street = counter.live.office.units.communities(EVERYTHING)[0].parent
    elsewhere = counter.live.office.units.add("community", "和平社区", "110101001002", street, who="test")
    other = at_desk("wang", Scope(elsewhere.id))
    assert "不在您的管辖范围内" in words(other.hand_in(stick / "out"))
    assert "东门" not in words(other.desk.get("/courier"))
    path = f"/courier/{gate.identity.gate}/answer.parcel"
    assert other.desk.send(path, page="/courier").status_code == 404

    address = counter.hand_in(stick / "out").location
    counter.wait(counter.hand_in(stick / "out"))
    assert other.desk.get(address).status_code == 404
    assert counter.desk.get("/courier/arrivals/..%2f..%2fkeys").status_code == 404

    forged = counter.desk.client.post("/courier", data={"file": (io.BytesIO(b"x"), "a")})
    assert forged.status_code == 400
    assert counter.desk.client.post(path).status_code == 400
    stranger = Desk(create_office_app(counter.live.office).test_client())
    assert stranger.get("/courier").location.startswith("/login")
    assert stranger.client.post("/courier", data={"file": (io.BytesIO(bytes(1_000_000)), "a")}).status_code in (
        302,
        413,
    )


def test_a_file_that_is_too_large_is_not_even_read(
    counter: Counter, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "MOST_MB", 0)
    (stick / "out").write_bytes(bytes(page.OVERHEAD + 1))
    assert counter.hand_in(stick / "out").status_code == 413
