"""门岗: where each gate stands, adding one, enrolling it again, checking its journal."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from kiosk.codes import enrolment as enrolment_codes
from sync.office.errors import Refused
from sync.office.values import Gate, JournalCheck
from web.office.forms import NewGate, Plain
from web.office.here import communities, community_choices, now, office, scope, user
from web.office.live import unless_known
from web.office.sessions import admins_only

blueprint = Blueprint("gates", __name__, url_prefix="/gates")

Page = str | AnyResponse | tuple[str, int]


@blueprint.get("")
def page() -> str:
    return render_template("office/gates.html", gates=office().gates.list(scope()), published=_published())


@blueprint.route("/new", methods=["GET", "POST"])
@admins_only
def new() -> Page:
    """A further gate; shows its one-time enrolment code, once."""
    form = NewGate()
    form.community.choices = community_choices()
    if form.validate_on_submit():
        try:
            gate, token = office().enrolment.create_gate(form.community.data, form.name.data, who=user().login)
        except Refused:
            form.name.errors = [_("同一社区内已有同名门岗。要给它发新的注册码，请在门岗设备里打开它")]
        else:
            return _code_page(gate, token)
    return render_template("office/gate_new.html", form=form), 422 if form.is_submitted() else 200


@blueprint.get("/<gate_id>")
def show(gate_id: str) -> str:
    return _gate_page(office().gates.get(gate_id, scope()))


@blueprint.post("/<gate_id>/code")
@admins_only
def code(gate_id: str) -> Page:
    """Another one-time code, for a gate that has to be enrolled again; a code not used yet is void."""
    gate = office().gates.get(gate_id, scope())
    return _code_page(gate, office().enrolment.new_token(gate_id, scope(), who=user().login))


@blueprint.post("/<gate_id>/wake")
def wake(gate_id: str) -> Page:
    """Asks the gate to sync at its next heartbeat."""
    office().gates.request_wake(gate_id, scope(), who=user().login)
    flash(_("已请求同步，门岗下次联络时执行"), "good")
    return redirect(url_for(".show", gate_id=gate_id))


@blueprint.post("/<gate_id>/verify")
def verify(gate_id: str) -> Page:
    """Checks the gate's journals here from their first event."""
    gate = office().gates.get(gate_id, scope())
    return _gate_page(gate, office().verify(gate.id))


def _gate_page(gate: Gate, checks: tuple[JournalCheck, ...] | None = None) -> str:
    return render_template(
        "office/gate.html",
        gate=gate,
        plain=Plain(),
        checks=checks,
        published=_published(),
        standing=office().standings.of(gate.id),
    )


@blueprint.get("/<gate_id>/code/state")
@admins_only
def code_state(gate_id: str) -> AnyResponse:
    """How the newest code of a gate stands, a piece of HTML; 304 while that is known."""
    gate = office().gates.get(gate_id, scope())
    return unless_known(Response(render_template("office/_gate_code.html", **_code_stands(gate))))


@blueprint.post("/<gate_id>/renew-key")
@admins_only
def renew_key(gate_id: str) -> Page:
    """Has the gate make itself a new key at its next heartbeat."""
    try:
        office().rollovers.ask(gate_id, scope(), who=user().login)
    except Refused:
        flash(_("门岗还没有接入，没有密钥可换"), "error")
    else:
        flash(_("门岗下次联络时换新密钥，旧密钥随即作废"), "good")
    return redirect(url_for(".show", gate_id=gate_id))


def _code_page(gate: Gate, token: str) -> str:
    url = request.host_url.rstrip("/")
    code = office().enrolment.code(url, token)
    return render_template(
        "office/gate_code.html",
        token=token,
        url=url,
        symbol=enrolment_codes.write(code),
        fingerprint=enrolment_codes.grouped(code.fingerprint),
        reach=_reach(),
        plain=Plain(),
        **_code_stands(gate),
    )


def _code_stands(gate: Gate) -> dict[str, Any]:
    return {"gate": gate, "state": office().enrolment.last_token(gate.id), "now": now()}


def _reach() -> str:
    """From where kiosks can enrol at the address this page was opened with: `here` on this machine alone, `all`, or
    `none`, since they take nothing but https from elsewhere."""
    host = urlsplit(request.host_url).hostname or ""
    if host == "localhost" or host.startswith("127.") or host == "::1":
        return "here"
    return "all" if request.is_secure else "none"


def _published() -> dict[str, int]:
    """community → the version now published, 0 for none."""
    manifests = {unit.id: office().publish.manifest(unit.id) for unit in communities()}
    return {unit: manifest.version if manifest else 0 for unit, manifest in manifests.items()}
