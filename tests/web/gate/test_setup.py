"""Setting a gate up at its own screen: who may, what a code does, and what it never does."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk import service
from kiosk.codes import enrolment as codes
from kiosk.codes.enrolment import EnrolmentCode
from kiosk.identity import Identity
from kiosk.model import Method, Presentation
from kiosk.service import GateService
from kiosk.staff import SUPERVISOR
from sync.enrolling import NOT_NOW, Stage
from sync.office.values import EVERYTHING
from tests.faults.proxy import Fault, FaultyProxy
from tests.kiosk.devices.waiting import until
from tests.sync.live import LiveOffice, live
from tests.web import gating
from tests.web.gating import Console

__all__ = ["live"]
HERE = "127.0.0.1"
SUPERVISORS_PIN = "135790"


@pytest.fixture
def begun_anew() -> threading.Event:
    return threading.Event()


@pytest.fixture
def build(tmp_path: Path, begun_anew: threading.Event) -> Iterator[Callable[[], GateService]]:
    """Builds the gate in its folder, as each start does."""
    built: list[GateService] = []

    def make() -> GateService:
        if built:
            built.pop().stop()
        built.append(service.build(gating.settings(tmp_path / "var"), restart=begun_anew.set))
        return built[-1]

    yield make
    for gate in built:
        gate.stop()


@pytest.fixture
def gate(build: Callable[[], GateService]) -> GateService:
    return build()


@pytest.fixture
def kiosk(stranger: Console) -> Console:
    """Somebody at the kiosk's own screen."""
    stranger.remote = HERE
    return stranger


def code_of(live: LiveOffice, name: str = "南门", url: str | None = None) -> str:
    return codes.write(live.office.enrolment.code(url or live.url, live.token(name)))


def presented(text: str) -> Presentation:
    return Presentation(Method.SCANNER, service.utc_now(), text)


def settled(gate: GateService) -> Stage:
    """The stage once nothing is being tried any more."""
    until(lambda: gate.enrolling.progress.stage is not Stage.TRYING, 60)
    return gate.enrolling.progress.stage


def test_a_gate_that_nobody_has_set_up_opens_on_the_setup_page(kiosk: Console, gate: GateService) -> None:
    assert kiosk.get("/").headers["Location"] == "/setup"
    page = kiosk.get("/setup").text
    assert "把显示的注册码对准这里的摄像头" in page
    assert "Hold that code before the camera here" in page
    token = kiosk.token("/setup")
    later = kiosk.client.post("/setup/later", data={"csrf_token": token}, environ_base={"REMOTE_ADDR": HERE})
    assert later.headers["Location"] == "/"
    assert kiosk.get("/").headers["Location"] == "/sign-on"
    gate.staff.add(gating.VOLUNTEER, gating.PIN)
    assert "/setup" in kiosk.get("/sign-on").text


def test_nobody_sets_up_a_gate_from_elsewhere_without_signing_on(stranger: Console, gate: GateService) -> None:
    assert stranger.get("/").headers["Location"] == "/sign-on"
    for path in ("/setup", "/setup/now", "/setup/picture.jpg"):
        assert stranger.get(path).headers["Location"] == "/sign-on"
    sent = stranger.send("/setup/code", {"text": "GE1:"}, page="/sign-on")
    assert sent.status_code == 401


def test_a_code_held_up_enrols_the_gate_and_what_it_recorded_before_goes_up(
    kiosk: Console, gate: GateService, live: LiveOffice, begun_anew: threading.Event, build: Callable[[], GateService]
) -> None:
    gate.signed_on("", "王小明", on=True)
    sent = kiosk.send("/setup/code", {"text": code_of(live)}, page="/setup")
    assert sent.get_json()["zh"] == "已读到街道办的注册码，正在接入"
    assert begun_anew.wait(60)
    assert "门岗正在以新身份启动" in kiosk.get("/setup").text

    enrolled = build()
    assert enrolled.scheduler is not None
    enrolled.scheduler.start()
    until(lambda: enrolled.status()["sync"]["last_synced_at"], 60)
    assert live.office.gates.list(EVERYTHING)[0].through == 2
    shown = Console(gating.application(enrolled).test_client(), HERE).get("/setup").text
    assert "幸福社区" in shown
    assert codes.grouped(codes.fingerprint(live.office.office_key)) in shown


def test_a_lane_that_is_shown_a_code_enrols_a_gate_that_is_new(
    gate: GateService, live: LiveOffice, begun_anew: threading.Event
) -> None:
    gate.presenting.present("1", presented(code_of(live)))
    assert begun_anew.wait(60)
    assert gate.checkpoint.view("1").visit is None
    known = Identity.load(gate.settings.gate.var)
    assert known is not None
    assert known.community_name == "幸福社区"


def test_a_lane_of_an_enrolled_gate_says_what_the_code_is_and_changes_nothing(
    gate: GateService, live: LiveOffice, begun_anew: threading.Event, build: Callable[[], GateService]
) -> None:
    gate.enrolling.offer_text(code_of(live))
    assert begun_anew.wait(60)
    enrolled = build()
    before = enrolled.identity
    enrolled.presenting.present("1", presented(code_of(live, "北门")))
    hint = enrolled.status()["lanes"][0]["hint"]
    assert hint["zh"] == NOT_NOW.zh
    assert enrolled.checkpoint.view("1").visit is None
    assert enrolled.recent() == []
    assert Identity.load(enrolled.settings.gate.var) == before
    assert {each.name: each.enrolled_at is None for each in live.office.gates.list(EVERYTHING)} == {
        "南门": False,
        "北门": True,
    }


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("HC1:NCFOXN", "这不是街道办的注册码"),
        ("GP1:XYZ", "这不是街道办的注册码"),
        ("GE1:ABC", "注册码不完整"),
        (codes.write(EnrolmentCode("http://192.0.2.1:8700", "T", bytes(16))), "必须是 https"),
    ],
)
def test_what_is_no_enrolment_code_is_called_by_its_name(
    kiosk: Console, gate: GateService, text: str, says: str
) -> None:
    kiosk.send("/setup/code", {"text": text}, page="/setup")
    assert settled(gate) is Stage.WAITING
    assert says in kiosk.get("/setup/now").text


def test_a_code_that_is_used_old_or_of_another_office_says_so(gate: GateService, live: LiveOffice) -> None:
    gate_id = live.office.enrolment.create_gate(live.community.id, "西门", who="li")[0].id
    first = live.office.enrolment.new_token(gate_id, EVERYTHING, who="li")
    live.office.enrolment.new_token(gate_id, EVERYTHING, who="li")
    code = live.office.enrolment.code(live.url, first)
    wrong = replace(code, token=live.token("南门"), fingerprint=bytes(16))
    for offered, says in ((code, "街道办不认识这个注册码"), (wrong, "应答的不是发码的街道办")):
        gate.enrolling.offer_text(codes.write(offered))
        assert settled(gate) is Stage.WAITING
        trouble = gate.enrolling.progress.trouble
        assert trouble is not None
        assert says in trouble.zh
    assert Identity.load(gate.settings.gate.var) is None


def test_without_a_network_the_gate_tries_again_by_itself_and_keeps_the_code_in_memory_only(
    gate: GateService, live: LiveOffice, begun_anew: threading.Event
) -> None:
    with FaultyProxy(live.port) as proxy:
        proxy.fault = Fault.REFUSE
        text = code_of(live, url=proxy.url)
        gate.enrolling.offer_text(text)
        until(lambda: gate.enrolling.progress.tries >= 1, 60)
        assert gate.enrolling.progress.stage is Stage.TRYING
        token = codes.parse(text).token.encode()
        files = [path for path in gate.settings.gate.var.rglob("*") if path.is_file()]
        assert [path for path in files if token in path.read_bytes()] == []
        proxy.heal()
        assert begun_anew.wait(60)


def test_an_enrolled_gate_takes_another_code_only_with_a_supervisors_pin(
    gate: GateService, live: LiveOffice, begun_anew: threading.Event, build: Callable[[], GateService]
) -> None:
    gate.enrolling.offer_text(code_of(live))
    assert begun_anew.wait(60)
    begun_anew.clear()
    enrolled = build()
    enrolled.staff.add(gating.VOLUNTEER, gating.PIN)
    enrolled.staff.add("赵负责", SUPERVISORS_PIN, role=SUPERVISOR)
    console = Console(gating.application(enrolled).test_client(), HERE)
    assert console.send("/setup/again", {"pin": SUPERVISORS_PIN}, page="/setup").status_code == 401
    console.sign_on()
    assert console.send("/setup/again", {"pin": gating.PIN}, page="/setup").status_code == 422
    assert enrolled.enrolling.progress.stage is Stage.CLOSED
    assert console.send("/setup/again", {"pin": SUPERVISORS_PIN}, page="/setup").status_code == 200
    assert enrolled.enrolling.progress.stage is Stage.WAITING
    again = live.office.enrolment.new_token(enrolled.identity.gate, EVERYTHING, who="li")  # type: ignore[union-attr]
    console.send("/setup/code", {"url": live.url, "token": again}, page="/setup")
    assert begun_anew.wait(60)


def test_what_is_typed_is_asked_for_piece_by_piece(kiosk: Console, gate: GateService) -> None:
    for body, field in (
        ({}, "url"),
        ({"url": "office.example"}, "token"),
        ({"url": "office.example", "token": "T", "fingerprint": "00"}, "fingerprint"),
    ):
        answer = kiosk.send("/setup/code", body, page="/setup")
        assert answer.status_code == 422
        assert list(answer.get_json()["problems"]) == [field]
