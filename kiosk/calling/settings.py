"""[sync] of kiosk.toml: when the gate calls the office, and how much at once."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from kiosk.calling.day_close import checked as daily
from kiosk.calling.hours import Hours
from kiosk.calling.urgent import checked as known

HoursOfDay = Annotated[Hours, BeforeValidator(Hours.read)]


class Sync(BaseModel):
    """[sync]; docs/schedule.md has examples."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    interval_s: Annotated[float, Field(ge=1, le=86_400)] = 60
    jitter: Annotated[float, Field(ge=0, le=0.5)] = 0.1  # share of the interval
    spread_s: Annotated[float, Field(ge=0, le=3_600)] = 60  # over which gates come back that were held up together
    windows: tuple[HoursOfDay, ...] = ()  # regular calls only then; empty: always
    quiet: tuple[HoursOfDay, ...] = ()  # a long backlog goes in small pieces then
    bulk: Annotated[int, Field(ge=1, le=1_000_000)] = 500  # events that wait: more are a long backlog
    day_close: Annotated[str, AfterValidator(daily)] = "0 0 * * *"  # cron: when a day is closed and sent
    batch: Annotated[int, Field(ge=1, le=500)] = 500
    timeout_s: Annotated[float, Field(gt=0, le=86_400)] = 10
    urgent: tuple[Annotated[str, AfterValidator(known)], ...] = ("alert",)  # what goes up at once
    metered: bool = False  # the link is paid by the byte: what is urgent, the day's report, little else
