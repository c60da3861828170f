"""A token is sent once, an answer used for as long as it may be, and a failing server left alone."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from kiosk.model import Level, Reason, Verification
from kiosk.provinces.stand_in import Fault, StandIn, draw, printed
from tests.kiosk.provinces.gates import lookup, now, state, without_copies

UNREACHABLE = (Verification.UNVERIFIED, Reason.UNREACHABLE)


class Clock:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.s = 100.0

    def __call__(self) -> float:
        return self.s


class TestSingleUse:
    def test_the_same_presentation_gets_the_same_answer_without_asking_again(self, server):
        asking, shown, at = lookup(server.url), draw("green", now()), now()
        first = asking.ask(shown, at, "lane 1")
        assert asking.ask(shown, at + timedelta(seconds=5), "lane 1") == first
        assert asking.ask(shown, at + timedelta(seconds=5)) == first
        assert server.questions == 1

    def test_another_presentation_is_a_replay(self, server):
        asking, shown, at = lookup(server.url), draw("green", now()), now()
        asking.ask(shown, at, "lane 1")
        code = asking.ask(shown, at, "lane 2")
        assert (code.verification, code.reason, code.level) == (Verification.FAILED, Reason.REPLAYED, Level.NONE)
        assert server.questions == 1

    def test_a_token_is_a_replay_once_its_answer_is_no_longer_kept(self, server):
        asking, shown, at = lookup(server.url), draw("green", now()), now()
        asking.ask(shown, at, "lane 1")
        assert asking.ask(shown, at + timedelta(seconds=11), "lane 1").reason is Reason.REPLAYED
        assert server.questions == 1

    def test_a_token_that_may_have_arrived_is_not_sent_again(self, server):
        asking, shown, at = lookup(server.url, timeout_s=2), draw("green", now()), now()
        server.fault = Fault.RESET
        asking.ask(shown, at, "lane 1")
        server.heal()
        code = asking.ask(shown, at, "lane 1")
        assert (code.verification, code.reason) == UNREACHABLE
        assert server.questions == 1

    def test_a_token_that_never_left_may_be_sent_later(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        asking, shown, at = lookup(f"http://127.0.0.1:{port}"), draw("green", now()), now()
        assert asking.ask(shown, at).reason is Reason.UNREACHABLE
        with StandIn(port):
            assert asking.ask(shown, at).verification is Verification.VERIFIED

    def test_a_replay_that_only_the_server_knows_of_is_told(self, server):
        shown, at = draw("green", now()), now()
        lookup(server.url).ask(shown, at)
        assert lookup(server.url).ask(shown, at).reason is Reason.REPLAYED

    def test_two_lanes_at_the_same_moment_send_it_once(self, server):
        server.latency_s = 0.3
        asking, shown, at = lookup(server.url), draw("green", now()), now()
        with ThreadPoolExecutor(8) as pool:
            reasons = list(pool.map(lambda lane: asking.ask(shown, at, f"lane {lane}").reason, range(8)))
        assert sorted(map(str, reasons)) == ["None", *["replayed"] * 7]
        assert server.questions == 1


class TestCache:
    def test_an_answer_is_used_again_for_as_long_as_both_policies_allow(self, server):
        asking, shown, at = lookup(server.url, cache_s=20), printed("green"), now()
        for seconds in (0, 19.9):
            assert asking.ask(shown, at + timedelta(seconds=seconds)).level is Level.GREEN
        assert server.questions == 1
        asking.ask(shown, at + timedelta(seconds=20))
        assert server.questions == 2

    def test_never_longer_than_the_token_lives(self, server):
        asking = lookup(server.url, province=without_copies())
        at = now()
        shown = draw("green", at - timedelta(seconds=55))
        asking.ask(shown, at)
        assert asking.ask(shown, at + timedelta(seconds=6)).reason is Reason.EXPIRED
        assert server.questions == 1

    def test_a_failure_is_not_kept(self, server):
        asking = lookup(server.url)
        server.fault = Fault.ERROR
        asking.ask(printed("green"), now())
        server.heal()
        assert asking.ask(printed("green"), now()).level is Level.GREEN

    def test_lanes_that_ask_the_same_at_once_share_one_question(self, server):
        server.latency_s = 0.3
        asking, at = lookup(server.url), now()
        with ThreadPoolExecutor(8) as pool:
            levels = set(pool.map(lambda _: asking.ask(printed("green"), at).level, range(8)))
        assert levels == {Level.GREEN}
        assert server.questions == 1


class TestBreaker:
    def test_a_server_that_keeps_failing_is_left_alone_then_tried_once(self, server):
        clock = Clock()
        asking = lookup(server.url, failures=3, retry_s=30, monotonic=clock)
        server.fault = Fault.ERROR
        for _ in range(5):
            assert asking.ask(printed("green"), now()).reason is Reason.UNREACHABLE
        assert (server.questions, state(asking)["state"], state(asking)["retry_in_s"]) == (3, "open", 30)
        clock.s += 30
        assert state(asking)["state"] == "half-open"
        asking.ask(printed("green"), now())
        asking.ask(printed("green"), now())
        assert (server.questions, state(asking)["state"]) == (4, "open")
        clock.s += 30
        server.heal()
        assert asking.ask(printed("green"), now()).level is Level.GREEN
        assert (state(asking)["state"], state(asking)["failures"]) == ("closed", 0)

    def test_bad_codes_do_not_open_it(self, server):
        asking = lookup(server.url, failures=1)
        for who in ("expired", "absent", "purple", "nameless"):
            asking.ask(printed(who), now())
        assert state(asking)["state"] == "closed"

    def test_an_open_one_sends_no_single_use_token(self, server):
        clock = Clock()
        asking = lookup(server.url, failures=1, monotonic=clock)
        server.fault = Fault.ERROR
        asking.ask(printed("green"), now())
        server.heal()
        shown, at = draw("green", now()), now()
        assert asking.ask(shown, at).reason is Reason.UNREACHABLE
        clock.s += 30
        assert asking.ask(shown, at).verification is Verification.VERIFIED
