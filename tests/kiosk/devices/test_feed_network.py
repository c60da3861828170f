"""A camera on the network that hangs, over a real stream: noticed, closed, opened anew, and moving again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

import pytest

from kiosk.devices.feed import CameraFeed
from kiosk.devices.frame import Usual
from tests.kiosk.devices import network, rtsp
from tests.kiosk.devices.network import Scripted
from tests.kiosk.devices.waiting import until

WISHES = Usual(stall_s=2, reopen_s=0.05, frozen_s=0.5)
WITHIN_S = 60

pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.parametrize("protocol", [network, rtsp], ids=["MJPEG over HTTP", "RTSP"]),
]


@contextmanager
def watching(camera: Scripted, protocol: ModuleType) -> Iterator[tuple[CameraFeed, list[str]]]:
    """A feed of the camera, and the states it called out."""
    told: list[str] = []
    with protocol.serving(camera) as address:
        feed = CameraFeed(lambda: address, WISHES, changed=lambda: told.append(feed.state))
        feed.start()
        try:
            yield feed, told
        finally:
            feed.stop()


def test_a_stream_that_repeats_one_picture_is_opened_anew_and_moves_again(protocol: ModuleType) -> None:
    camera = Scripted("freezes", "moves")
    with watching(camera, protocol) as (feed, told):
        until(lambda: told[:3] == ["ok", "frozen", "ok"], WITHIN_S)
        before = feed.taken
        until(lambda: feed.taken > before + 5, WITHIN_S)
        assert (camera.connections, feed.state, feed.trouble) == (2, "ok", "")


def test_as_long_as_the_picture_is_still_the_old_one_none_is_shown_and_the_camera_is_tried_again(
    protocol: ModuleType,
) -> None:
    camera = Scripted("freezes", "still frozen", "still frozen", "moves")
    with watching(camera, protocol) as (feed, told):
        until(lambda: feed.state == "frozen", WITHIN_S)
        assert (feed.newest(), feed.jpeg(100)) == (None, None)
        assert feed.trouble == "the very same picture for 0.5 s and longer"
        taken = feed.taken
        until(lambda: camera.connections == 3, WITHIN_S)
        assert feed.taken == taken, "no frozen picture was handed on"
        until(lambda: feed.state == "ok", WITHIN_S)
        assert told == ["ok", "frozen", "ok"]


def test_a_stream_that_sends_nothing_more_is_stalled_and_opened_anew(protocol: ModuleType) -> None:
    camera = Scripted("falls silent", "moves")
    with watching(camera, protocol) as (_, told):
        until(lambda: told[:3] == ["ok", "stalled", "ok"], WITHIN_S)
        assert camera.connections == 2
