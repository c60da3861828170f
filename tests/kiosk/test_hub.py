"""Live updates reach every screen, and a slow screen holds up nobody."""

from kiosk.hub import Hub


def test_every_screen_hears_every_update():
    hub = Hub()
    with hub.subscribe() as one, hub.subscribe() as other:
        hub.publish("lane", {"number": 1})
        assert one.get(1) == other.get(1) == ("lane", {"number": 1})


def test_a_closed_screen_is_forgotten():
    hub = Hub()
    with hub.subscribe():
        assert len(hub) == 1
    assert len(hub) == 0


def test_silence_is_none():
    with Hub().subscribe() as screen:
        assert screen.get(0.01) is None


def test_a_screen_that_does_not_read_is_told_it_lost_updates_and_stops_nobody():
    hub = Hub()
    with hub.subscribe() as slow:
        for number in range(1000):
            hub.publish("lane", {"number": number})
        assert slow.lost


def test_a_hub_that_is_closed_wakes_who_listens():
    hub = Hub()
    with hub.subscribe() as screen:
        hub.close()
        assert screen.get(30) is not None
        assert hub.closed
