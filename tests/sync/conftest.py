"""The fixtures of `tests/sync/live.py`, for every test of the wire."""

from tests.sync.live import gate, live, new_gate

__all__ = ["gate", "live", "new_gate"]
