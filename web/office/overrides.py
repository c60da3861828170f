"""改判: the share of overrides by gate and person, and each of them with the passage behind it."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, render_template, request

from web.office.here import office, scope, today

DAYS = (1, 7, 30)

blueprint = Blueprint("overrides", __name__, url_prefix="/overrides")


@blueprint.get("")
def page() -> str:
    """`?days=` one of DAYS, a week unless given."""
    asked = request.args.get("days", "")
    days = int(asked) if asked in {str(choice) for choice in DAYS} else 7
    store, begin = office().overrides, today() - timedelta(days=days - 1)
    return render_template(
        "office/overrides.html",
        days=days,
        choices=DAYS,
        shares=store.shares(begin, today(), scope()),
        changed=store.changed(begin, today(), scope()),
        names=store.names(today(), scope()),
    )
