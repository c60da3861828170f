"""How values look in the office's templates: times, spans, states of gates. Words come from labels.py."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

import segno
from flask import Flask, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from kiosk.codes import office_pass
from kiosk.model import iso
from sync.office.values import EntryFilter, Gate
from web.office import here, labels, sources

SILENT_WARN_S = 5 * 60
SILENT_BAD_S = 30 * 60
CLOCK_WARN_MS = 5_000
CLOCK_BAD_MS = 60_000
LATE_S = 5 * 60


def install(app: Flask) -> None:
    app.jinja_env.filters.update(
        moment=moment,
        when=when,
        minute=minute,
        day=day,
        stamp=stamp,
        span=span,
        signed_span=signed_span,
        short=short,
        flat=flat,
    )
    app.jinja_env.filters["pass_number"] = lambda serial: office_pass.number(bytes.fromhex(serial))
    app.jinja_env.globals.update(
        label=labels.label,
        explain=sources.explain,
        qr=qr,
        entries_href=entries_href,
        with_page=with_page,
        gate_state=gate_state,
        agreed_until=agreed_until,
        clock_state=clock_state,
        device_state=device_state,
        late=late,
        minutes=minutes,
    )


def moment(at: datetime | None) -> str:
    """A time in full, in the office's zone: 2026-11-22 11:30:00."""
    return "" if at is None else _there(at).strftime("%Y-%m-%d %H:%M:%S")


def minute(at: datetime) -> str:
    """A time to come, to the minute: 13:40 today, else 11-23 02:00."""
    there = _there(at)
    return there.strftime("%H:%M" if there.date() == here.today() else "%m-%d %H:%M")


def when(at: datetime | None) -> str:
    """A time for a table: 11:30:00 today, else 11-21 11:30."""
    if at is None:
        return ""
    there = _there(at)
    if there.date() == here.today():
        return there.strftime("%H:%M:%S")
    return there.strftime("%m-%d %H:%M") if there.year == here.today().year else there.strftime("%Y-%m-%d %H:%M")


def day(at: datetime) -> date:
    """The office's own day of a time."""
    return _there(at).date()


def _there(at: datetime) -> datetime:
    """A time in the office's zone; as it is where that zone's calendar ends."""
    try:
        return at.astimezone(here.office().settings.zone)
    except OverflowError:
        return at


def stamp(at: datetime | None) -> str:
    """A time for a machine."""
    return "" if at is None else iso(at)


def span(seconds: float | None) -> str:
    """A length of time in the two largest units worth reading: 3 分 12 秒."""
    if seconds is None:
        return ""
    whole = round(abs(seconds))
    parts = [
        (whole // 86_400, _("天")),
        (whole // 3600 % 24, _("小时")),
        (whole // 60 % 60, _("分")),
        (whole % 60, _("秒")),
    ]
    worth = [f"{count} {unit}" for count, unit in parts if count]
    return " ".join(worth[:2]) or f"0 {_('秒')}"


def minutes(seconds: float) -> str:
    """A span in whole minutes, so that a page with a deadline does not differ each second."""
    return span(seconds // 60 * 60) if seconds >= 60 else str(_("不足一分钟"))


def signed_span(milliseconds: int | None) -> str:
    """A clock error: +1.2 s, −3 分 5 秒."""
    if milliseconds is None:
        return ""
    sign = "+" if milliseconds > 0 else "−"
    if abs(milliseconds) < 50:  # less than what is shown
        return f"0.0 {_('秒')}"
    if abs(milliseconds) < 60_000:
        return f"{sign}{abs(milliseconds) / 1000:.1f} {_('秒')}"
    return sign + span(milliseconds / 1000)


def flat(tree: Mapping[str, Any], above: str = "") -> list[tuple[str, str]]:
    """A tree of facts as lines: person.name, reading.celsius…"""
    lines: list[tuple[str, str]] = []
    for key, value in tree.items():
        name = f"{above}{key}"
        lines += flat(value, name + ".") if isinstance(value, Mapping) else [(name, _plain(value))]
    return lines


def _plain(value: Any) -> str:
    match value:
        case None:
            return "—"
        case bool():
            return str(_("是") if value else _("否"))
        case list() | tuple():
            return "、".join(_plain(item) for item in value) or "—"
        case _:
            return str(value)


def short(digest: str | None) -> str:
    """The beginning of a digest or an id, enough to compare by eye."""
    return (digest or "")[:12]


def qr(text: str, name: str) -> Markup:
    """`text` as a symbol at level M, an inline drawing without any style of its own; `name` is what it is called."""
    drawing = segno.make(text, error="m", micro=False).svg_inline(omitsize=True, border=4, svgclass="qr", title=name)
    return Markup(drawing)  # noqa: S704  # segno escapes the title; the rest are numbers


def entries_href(wanted: EntryFilter, page: int | None = None) -> str:
    """The entry log with this filter."""
    return url_for("entries.page", **filter_args(wanted), page=page)


def filter_args(wanted: EntryFilter) -> dict[str, Any]:
    """A filter as the query of the entry log."""
    values = {name: getattr(wanted, name) for name in EntryFilter.__dataclass_fields__}
    return {name: _spelt(value) for name, value in values.items() if value is not None}


def _spelt(value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case date():
            return value.isoformat()
        case _:
            return str(value)


def with_page(number: int) -> str:
    """This page's address with another page number."""
    query: Mapping[str, Any] = {**request.args.to_dict(), "page": str(number)}
    return f"{request.path}?{urlencode(query)}"


def gate_state(gate: Gate) -> str:
    """good, warn or bad by how long ago it should have called; idle for a gate that was never enrolled."""
    if gate.last_contact_at is None:
        return "idle"
    return _by(gate.silent_s(here.now()), SILENT_WARN_S, SILENT_BAD_S)


def agreed_until(gate: Gate) -> datetime | None:
    """Until when a gate may be silent by its own timetable, where that is longer than others are."""
    if gate.last_contact_at is None or gate.due_at is None or gate.due_at < here.now():
        return None
    return gate.due_at if (gate.due_at - gate.last_contact_at).total_seconds() > SILENT_WARN_S else None


def clock_state(error_ms: int | None) -> str:
    return "idle" if error_ms is None else _by(abs(error_ms), CLOCK_WARN_MS, CLOCK_BAD_MS)


def device_state(word: str) -> str:
    if word in ("frozen", "stalled", "missing"):
        return "bad"
    return {"ok": "good", "silent": "warn", "ended": "warn"}.get(word, "idle")


def late(seconds: float) -> bool:
    """Whether a passage reached the office later than an ordinary sync explains."""
    return seconds > LATE_S


def _by(amount: float, warn: float, bad: float) -> str:
    return "bad" if amount > bad else "warn" if amount > warn else "good"
