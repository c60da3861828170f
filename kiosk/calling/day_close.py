"""At which minute a day is closed: a cron line, of which the gate uses minute and hour."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger

_EVERY_DAY = ["*", "*", "*"]


def checked(cron: str) -> str:
    """`cron` as it is. Raises ValueError unless it names a time of every day: an office waits for each day's report."""
    if cron.split()[2:] != _EVERY_DAY:
        raise ValueError('minute and hour of every day, as in "5 0 * * *"')
    CronTrigger.from_crontab(cron, timezone=UTC)
    return cron


class DayClose:
    """Which days are to be closed, where the gate stands."""

    def __init__(self, cron: str, zone: ZoneInfo) -> None:
        self._zone = zone
        self._cron = CronTrigger.from_crontab(cron, timezone=zone)

    def until(self, now: datetime) -> date:
        """The local day before which all days are to be closed: today once its first minute by `cron` has come.

        A gate that was off at the minute closes at its next start.
        """
        today = now.astimezone(self._zone).date()
        midnight = datetime(today.year, today.month, today.day, tzinfo=self._zone)
        due: datetime = self._cron.get_next_fire_time(None, midnight)
        return today if due.astimezone(UTC) <= now.astimezone(UTC) else today - timedelta(days=1)
