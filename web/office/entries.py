"""通行记录: the entry log, one passage with all that is known of it, and showing whom it was about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, jsonify, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from web.office import errors, filters, live, show
from web.office.forms import Reveal
from web.office.here import communities, office, scope, user
from web.office.sessions import quiet

blueprint = Blueprint("entries", __name__, url_prefix="/entries")

Page = str | AnyResponse | tuple[str, int]


@blueprint.get("")
def page() -> Page:
    """The rows of the filter in the query, newest first."""
    try:
        wanted = filters.read(request.args)
    except ValueError as error:
        return errors.fault(422, str(error))
    rows = office().entries.page(wanted, scope(), filters.page_number(request.args.get("page")))
    count_href = url_for(".count", **show.filter_args(wanted))
    return render_template("office/entries.html", wanted=wanted, rows=rows, count_href=count_href, **_options())


@blueprint.get("/count")
@quiet
def count() -> AnyResponse:
    """`{"total"}`: how many rows the filter in the query has by now; 304 while that is what the caller knows."""
    try:
        wanted = filters.read(request.args)
    except ValueError as error:
        return errors.fault(422, str(error))
    total = office().entries.page(wanted, scope(), size=1).total
    return live.unless_known(jsonify({"total": total}))


@blueprint.get("/<event_id>")
def one(event_id: str) -> str:
    return _entry_page(event_id, Reveal(formdata=None))


@blueprint.post("/<event_id>")
def reveal(event_id: str) -> Page:
    """The same passage with the person's data in clear, once a reason was given; the office notes who looked."""
    form = Reveal()
    if not form.validate_on_submit():
        return _entry_page(event_id, form), 422
    return _entry_page(event_id, form, office().entries.reveal(event_id, user(), form.reason.data))


def _entry_page(event_id: str, form: Reveal, revealed: Mapping[str, Any] | None = None) -> str:
    entry = office().entries.get(event_id, scope())
    return render_template("office/entry.html", entry=entry, row=entry.row, form=form, revealed=revealed)


def _options() -> dict[str, Any]:
    return {"gates": office().gates.list(scope()), "communities": communities()}
