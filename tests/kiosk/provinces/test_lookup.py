"""A province is asked once for a token, within a time box, and left alone while it fails; all that comes is a code."""

from __future__ import annotations

import socket
import ssl
import threading
from datetime import timedelta

import pytest
import requests
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.errors import ConfigError
from kiosk.model import Level, Reason, Verification
from kiosk.provinces import Lookup
from kiosk.provinces.stand_in import PEOPLE, SECRET, Fault, StandIn, draw, printed
from kiosk.tls import certificate
from tests.faults.proxy import Fault as WireFault
from tests.faults.proxy import FaultyProxy
from tests.kiosk.provinces.gates import ENVIRON, NAME, TEST_PROVINCE, lookup, now, provinces, state

UNREACHABLE = (Verification.UNVERIFIED, Reason.UNREACHABLE)


@pytest.mark.parametrize("who", ["green", "yellow", "red", "untested"])
def test_the_server_says_who_it_is_and_how(server, who):
    code = lookup(server.url).ask(draw(who, now()), now())
    person = PEOPLE[who]
    assert (code.verification, code.reason, code.demo) == (Verification.VERIFIED, None, True)
    assert (code.holder.name, code.holder.id_number) == (person.name, person.id_number)
    assert code.level is {"1": Level.GREEN, "2": Level.YELLOW, "3": Level.RED}[person.level]
    assert (len(code.tests), len(code.vaccinations)) == (len(person.tests), len(person.vaccinations))


@pytest.mark.parametrize(
    ("who", "reason"),
    [
        ("expired", Reason.EXPIRED),
        ("absent", Reason.UNKNOWN_ISSUER),
        ("failed", Reason.UNVERIFIABLE),
        ("timeout", Reason.UNREACHABLE),
        ("nameless", Reason.SCHEMA),
        ("purple", Reason.SCHEMA),
    ],
)
def test_what_is_no_colour_is_no_level(server, who, reason):
    code = lookup(server.url).ask(draw(who, now()), now())
    assert (code.reason, code.level) == (reason, Level.NONE)
    assert code.verification is not Verification.VERIFIED


@pytest.mark.parametrize(
    ("fault", "reason", "verification"),
    [
        (Fault.REFUSE, *UNREACHABLE[::-1]),
        (Fault.RESET, *UNREACHABLE[::-1]),
        (Fault.STALL, *UNREACHABLE[::-1]),
        (Fault.DRIP, *UNREACHABLE[::-1]),
        (Fault.HUGE, *UNREACHABLE[::-1]),
        (Fault.ERROR, *UNREACHABLE[::-1]),
        (Fault.BUSY, *UNREACHABLE[::-1]),
        (Fault.NOT_JSON, *UNREACHABLE[::-1]),
        (Fault.REDIRECT, *UNREACHABLE[::-1]),
        (Fault.WRONG_JSON, Reason.SCHEMA, Verification.UNVERIFIED),
        (Fault.OTHER, Reason.SCHEMA, Verification.UNVERIFIED),
        (Fault.FORBIDDEN, Reason.NOT_PERMITTED, Verification.UNVERIFIED),
        (Fault.EXPIRED, Reason.EXPIRED, Verification.FAILED),
    ],
)
def test_no_fault_of_the_server_admits_anybody_or_holds_the_lane_up(server, fault, reason, verification):
    server.fault = fault
    asking = lookup(server.url, timeout_s=2)
    code = asking.ask(draw("green", now()), now())
    assert (code.reason, code.verification, code.level) == (reason, verification, Level.NONE)
    server.heal()
    assert asking.ask(draw("green", now()), now()).level is Level.GREEN


@pytest.mark.parametrize(
    "fault",
    [WireFault.REFUSE, WireFault.STALL, WireFault.TRUNCATE, WireFault.LOSE_ANSWER, WireFault.RUBBISH, WireFault.DRIP],
)
def test_no_fault_of_the_wire_does_either(server, fault):
    with FaultyProxy(int(server.url.rpartition(":")[2])) as proxy:
        proxy.fault = fault
        asking = lookup(proxy.url, timeout_s=2)
        code = asking.ask(draw("green", now()), now())
        assert (code.verification, code.reason) == UNREACHABLE
        proxy.heal()
        assert asking.ask(draw("green", now()), now()).verification is Verification.VERIFIED


def test_nobody_listening_is_unreachable():
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    code = lookup(f"http://127.0.0.1:{port}").ask(draw("green", now()), now())
    assert (code.verification, code.reason) == UNREACHABLE


def test_a_server_without_a_certificate_is_not_believed(server):
    code = lookup(server.url.replace("http:", "https:")).ask(draw("green", now()), now())
    assert (code.verification, code.reason) == UNREACHABLE
    assert server.questions == 0


def test_no_thread_outlives_a_question_that_was_given_up(server):
    server.fault = Fault.DRIP
    lookup(server.url, timeout_s=2).ask(draw("green", now()), now())
    left = [thread for thread in threading.enumerate() if thread.name == "province"]
    for thread in left:
        thread.join(20)
    assert not any(thread.is_alive() for thread in left)


def test_a_wrong_secret_is_told_as_such(server):
    asking = lookup(server.url, environ={"GATEHOUSE_TEST_PROVINCE_SECRET": "guess"})
    assert asking.ask(draw("green", now()), now()).reason is Reason.NOT_PERMITTED
    assert state(asking)["trouble"] == "not-permitted"


def test_an_old_code_is_not_even_asked_about(server):
    code = lookup(server.url).ask(draw("green", now() - timedelta(seconds=90)), now())
    assert (code.verification, code.reason, server.questions) == (Verification.FAILED, Reason.EXPIRED, 0)


def test_a_code_the_province_never_made_is_not_one_of_its_own(server):
    forged = draw("red", now()).replace("/d/0002", "/d/0000")
    assert lookup(server.url).ask(forged, now()).reason is Reason.UNKNOWN_ISSUER


def test_a_text_of_nobody_and_a_demonstration_outside_one_are_refused_unasked(server):
    asking = lookup(server.url, demo=False)
    assert asking.ask("https://elsewhere.example", now()).reason is Reason.UNKNOWN_SCHEME
    assert asking.ask(draw("green", now()), now()).reason is Reason.UNKNOWN_ISSUER
    assert not asking.asks(draw("green", now()))
    assert server.questions == 0


def test_what_is_not_set_up_is_unverifiable_and_says_what_is_missing(server):
    asking = lookup(server.url, environ={}, access={})
    code = asking.ask(draw("green", now()), now())
    assert (code.verification, code.reason) == (Verification.UNVERIFIED, Reason.UNVERIFIABLE)
    assert state(asking)["state"] == "not-set-up"
    assert state(asking)["missing"] == [
        f"[provinces.access.{NAME}] app",
        f"[provinces.access.{NAME}] endpoint",
        "the environment variable GATEHOUSE_TEST_PROVINCE_SECRET",
    ]
    assert not asking.asks(draw("green", now()))


def test_an_address_that_may_not_be_asked_stops_the_start():
    with pytest.raises(ConfigError, match=r"\[provinces.access.test-province\] endpoint: must be https"):
        lookup("http://province.example")


def test_logs_and_state_hold_neither_secret_nor_token_nor_person(server):
    shown = draw("green", now())
    with structlog.testing.capture_logs() as lines:
        asking = lookup(server.url)
        for fault in (Fault.NONE, Fault.RESET, Fault.ERROR, Fault.WRONG_JSON):
            server.fault = fault
            asking.ask(shown if fault is Fault.NONE else draw("red", now()), now())
    said = f"{lines} {asking.state()}"
    assert len(lines) == 4
    for hidden in (SECRET, shown[-45:-13], PEOPLE["green"].name, PEOPLE["red"].id_number):
        assert hidden not in said


def test_the_state_counts_what_was_asked_and_answered(server):
    asking = lookup(server.url)
    asking.ask(printed("green"), now())
    server.fault = Fault.ERROR
    asking.ask(printed("red"), now())
    assert (state(asking)["asked"], state(asking)["answered"], state(asking)["trouble"]) == (2, 1, "unreachable")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=100) | st.text(max_size=60).map("https://test-province.invalid/p/".__add__))
def test_any_text_has_an_answer(server, text):
    assert lookup(server.url).ask(text, now()).verification is not Verification.VERIFIED
    assert server.questions == 0


def test_kiosk_toml_and_tests_agree_about_the_time_box():
    with pytest.raises(ValueError, match="timeout_s"):
        provinces("http://127.0.0.1:1", timeout_s=31)


def test_over_tls_only_a_certificate_of_a_known_authority_is_believed(tmp_path):
    own = certificate(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(own.chain, own.key)

    def trusting() -> requests.Session:
        session = requests.Session()
        session.verify = str(own.ca)
        return session

    with StandIn(tls=tls) as server:
        stranger = lookup(server.url)
        friend = Lookup(
            (TEST_PROVINCE,), provinces(server.url, timeout_s=2), demo=True, environ=ENVIRON, session=trusting
        )
        shown, at = draw("green", now()), now()
        assert stranger.ask(shown, at).reason is Reason.UNREACHABLE
        assert (state(stranger)["trouble"], server.questions) == ("certificate", 0)
        assert friend.ask(shown, at).verification is Verification.VERIFIED
        server.fault = Fault.STALL
        assert friend.ask(draw("green", now()), now()).reason is Reason.UNREACHABLE
