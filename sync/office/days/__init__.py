"""Nothing late unseen, nothing missing unseen: each gate's days, as they came in and as they were closed."""

from sync.office.days.store import Days

__all__ = ["Days"]
