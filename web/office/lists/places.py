"""场所与机构: places with their limits and gates, gatherings, fever clinics and test sites."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from kiosk.model import from_iso
from sync.office.errors import NotFound, Refused
from sync.office.lists.places import LARGE, Event
from sync.office.values import Unit
from web.office.forms import Plain
from web.office.here import communities, now, office, scope, user
from web.office.lists.blueprint import Page, blueprint, community_shown
from web.office.lists.forms import NewClinic, NewGathering, NewPlace

EMPTY: dict[str, list[Any]] = {"places": [], "gatherings": [], "clinics": []}


@blueprint.get("/places")
def places() -> str:
    return _page()


@blueprint.post("/places")
def put_place() -> Page:
    """A new place; or with `?place=` another limit, name or gates for one that is there."""
    community, form = _community(), NewPlace()
    form.gates.choices = _gates(community)
    if form.validate_on_submit():
        office().places.put_place(
            community.id, form.name.data, form.limit.data, form.gates.data, scope(), who=user().login,
            place_id=request.args.get("place"),
        )  # fmt: skip
        return _done()
    return _page(place=form), 422


@blueprint.post("/places/gathering")
def add_gathering() -> Page:
    community, form = _community(), NewGathering()
    form.place.choices = _place_choices(community)
    if form.validate_on_submit():
        begins, ends = (_here(field.data) for field in (form.begins, form.ends))
        event = Event(form.place.data, form.name.data, form.people.data, begins, ends, form.approved.data)
        try:
            office().places.add_gathering(community.id, event, scope(), who=user().login)
        except Refused:
            form.ends.errors = [_("结束要晚于开始")]
        else:
            return _done()
    return _page(gathering=form), 422


@blueprint.post("/places/clinic")
def add_clinic() -> Page:
    community, form = _community(), NewClinic()
    if form.validate_on_submit():
        office().places.add_clinic(community.id, form.data, scope(), who=user().login)
        return _done()
    return _page(clinic=form), 422


@blueprint.post("/places/<any(approve, nearer, remove):act>/<any(places, gatherings, clinics):kind>/<row>")
def change(act: str, kind: str, row: str) -> Response:
    """Approves a gathering, moves a clinic up, removes any of them."""
    community, store = _community(), office().places
    if not Plain().validate_on_submit():
        abort(400)
    match act:
        case "approve":
            store.approve(community.id, row, scope(), who=user().login)
        case "nearer":
            store.nearer(community.id, row, scope(), who=user().login)
        case _:
            store.remove(community.id, kind, row, scope(), who=user().login)
    return _done()


def _page(**forms: FlaskForm) -> str:
    community = community_shown()
    whole: Any = office().places.document(community.id, scope()) if community else EMPTY
    empty = {"place": NewPlace(formdata=None), "gathering": NewGathering(formdata=None),
             "clinic": NewClinic(formdata=None)}  # fmt: skip
    shown: dict[str, Any] = empty | forms
    shown["place"].gates.choices = _gates(community) if community else []
    shown["gathering"].place.choices = _place_choices(community) if community else []
    events = [{**event, "begins": _time(event, "from"), "ends": _time(event, "until")} for event in whole["gatherings"]]
    return render_template(
        "office/lists/places.html",
        community=community, communities=communities(), whole=whole, events=events, large=LARGE,
        plain=Plain(formdata=None),
        names={place["id"]: place.get("name", "") for place in whole["places"]},
        gates=dict(_gate_pairs(community)) if community else {}, at=now(), **shown,
    )  # fmt: skip


def _community() -> Unit:
    if (found := community_shown()) is None:
        raise NotFound("there is no community")
    return found


def _gate_pairs(community: Unit) -> list[tuple[str, str]]:
    return [(gate.id, gate.name) for gate in office().gates.list(scope()) if gate.community == community.id]


def _gates(community: Unit) -> list[SelectChoice]:
    return [SelectChoice(gate, name) for gate, name in _gate_pairs(community)]


def _place_choices(community: Unit) -> list[SelectChoice]:
    whole = office().places.document(community.id, scope())
    return [SelectChoice(place["id"], place.get("name", "")) for place in whole["places"]]


def _here(typed: datetime) -> datetime:
    """What was typed is the office's own time."""
    return typed.replace(tzinfo=office().settings.zone)


def _time(said: dict[str, Any], name: str) -> datetime | None:
    return from_iso(said[name]) if said.get(name) else None


def _done() -> Response:
    flash(_("已保存并下发，门岗将立即同步"), "good")
    return redirect(url_for(".places", community=request.args.get("community")))
