"""Times as screens show them: in the gate's own zone, and as a distance from now."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from kiosk.model import Saying, from_iso


def local(at: datetime | str | None, zone: ZoneInfo, shape: str = "%H:%M:%S") -> str:
    """`at` (a time or its RFC 3339 spelling) in `zone`, empty for None."""
    if at is None:
        return ""
    return (from_iso(at) if isinstance(at, str) else at).astimezone(zone).strftime(shape)


def ago(at: datetime | str | None, now: datetime) -> Saying:
    """How long ago: 2 分钟前 / 2 min ago. A time that lies ahead (a clock was set back) counts as just now."""
    if at is None:
        return Saying("从未", "never")
    seconds = (now - (from_iso(at) if isinstance(at, str) else at)).total_seconds()
    if seconds < 10:
        return Saying("刚刚", "just now")
    for length, zh, en in ((86_400, "天", "d"), (3_600, "小时", "h"), (60, "分钟", "min"), (1, "秒", "s")):
        if seconds >= length:
            count = int(seconds // length)
            return Saying(f"{count} {zh}前", f"{count} {en} ago")
    return Saying("刚刚", "just now")
