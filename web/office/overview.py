"""今日: what passed today, the gates, the alerts that wait. Every figure opens the rows behind it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Response, abort, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from sync.office.values import EntryFilter, Figure
from web.office import live
from web.office.here import now, office, scope, today
from web.office.sessions import quiet

blueprint = Blueprint("overview", __name__)

ALERTS = 8  # of those that wait, the most pressing
VERDICTS = ("admit", "check", "refuse", "isolate", "abandoned")


@blueprint.get("/")
def page() -> str:
    """Today, or another day by `?day=`."""
    return render_template("office/overview.html", **_content())


@blueprint.get("/live/overview")
@quiet
def content() -> AnyResponse:
    """The same figures without the frame, for a page that stays open; 304 while nothing changed."""
    return live.unless_known(Response(render_template("office/_overview.html", **_content())))


def _content() -> dict[str, Any]:
    day = _day()
    demo = EntryFilter(day=day, demo=True)
    figures = {figure.name: figure for figure in office().entries.counts(day, scope())}
    return {
        "day": day,
        "previous": url_for("overview.page", day=day - timedelta(days=1)),
        "following": url_for("overview.page", day=day + timedelta(days=1)) if day < today() else None,
        "figures": figures,
        "shares": shares([figures[name] for name in VERDICTS if name in figures]),
        "gates": office().gates.list(scope()),
        "alerts": office().alerts.list(scope(), limit=ALERTS),
        "demo_filter": demo,
        "demo_count": office().entries.page(demo, scope(), size=1).total,
        "now": now(),
    }


def shares(figures: list[Figure]) -> list[tuple[Figure, float, float]]:
    """Each figure with where its part of a bar begins and how long it is, in percent; empty when all are zero."""
    total = sum(figure.count for figure in figures)
    parts, begins = [], 0.0
    for figure in figures if total else ():
        length = figure.count * 100 / total
        parts.append((figure, round(begins, 3), round(length, 3)))
        begins += length
    return parts


def _day() -> date:
    wish = request.args.get("day")
    try:
        return date.fromisoformat(wish) if wish else today()
    except ValueError:
        abort(422)
