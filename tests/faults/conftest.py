"""The fixtures of `tests/sync/live.py`, for every test of faults on the wire."""

from tests.sync.live import gate, live, new_gate

__all__ = ["gate", "live", "new_gate"]
