"""U 盘代传: where no line works, the parcel that a gate wrote comes in here, and the answer for it goes out."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, send_file, url_for
from flask_babel import lazy_gettext as _
from flask_login import current_user
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from werkzeug.wrappers import Response as AnyResponse

from kiosk.model import from_iso
from sync.office.arrivals import RUNNING, Arrivals
from sync.office.courier import Courier
from sync.parcel import ParcelError
from web.office.here import now, office, scope, today, user
from web.office.sessions import quiet

blueprint = Blueprint("courier", __name__, url_prefix="/courier")

MOST_MB = 256  # more than three months of a busy gate
OVERHEAD = 256 * 1024  # the form around a file

_WHY = {
    "none": _("这不是门岗写出的代传文件"),
    "newer": _("本系统的版本读不了这个文件，请先升级街道办软件"),
    "kind": _("这是街道办写给门岗的回执，请拿到门岗上读入"),
    "elsewhere": _("这个文件是写给另一个街道办的"),
    "unknown": _("写这个文件的门岗没有在这里注册（或已吊销），或不在您的管辖范围内"),
    "altered": _("文件不完整或被改动过，一条也没有收取。请在门岗上重新写一份"),
    "sealed": _("文件不是加密给本街道办的"),
    "trouble": _("文件没有存下来，请再试一次；仍不行请看服务器磁盘"),
}


class Parcel(FlaskForm):  # type: ignore[misc]
    file = FileField(_("门岗写出的文件（.parcel）"), [FileRequired(_("请选择文件"))])


@blueprint.url_value_preprocessor
def welcome_parcels(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Lets somebody who is signed in send a parcel. This comes before the form is looked into."""
    if endpoint == "courier.page" and current_user.is_authenticated:
        request.max_content_length = MOST_MB * 1024 * 1024 + OVERHEAD


@blueprint.route("", methods=["GET", "POST"])
def page() -> str | AnyResponse | tuple[str, int]:
    """The form for a parcel, and every gate's answer to fetch."""
    form = Parcel()
    if form.validate_on_submit():
        try:
            arrival = Arrivals(office()).begin(form.file.data.save, scope(), who=user().login)
        except ParcelError as error:
            form.file.errors = [_WHY[error.word]]
        else:
            return redirect(url_for(".arrival", name=arrival.id))
    gates = [gate for gate in office().gates.list(scope()) if gate.enrolled_at]
    content = render_template("office/courier.html", form=form, gates=gates, most=MOST_MB)
    return content, 422 if form.errors else 200


@blueprint.get("/arrivals/<name>")
@quiet
def arrival(name: str) -> str:
    """What came of a parcel; asks again by itself while it is being taken in."""
    found = Arrivals(office()).get(name, who=user().login)
    return render_template(
        "office/courier_arrival.html",
        arrival=found,
        made_at=from_iso(found.made_at),
        running=found.state == RUNNING,
    )


@blueprint.post("/<gate_id>/answer.parcel")
def answer(gate_id: str) -> AnyResponse:
    """What the gate has to know: how far its journals are held, countersignatures, what is handed down."""
    gate = office().gates.get(gate_id, scope())
    with tempfile.TemporaryDirectory(prefix="gatehouse-") as folder:
        path = Path(folder) / "answer.parcel"
        try:
            Courier(office()).answer(gate.id, path, who=user().login)
        except ParcelError:
            flash(str(_("没有写出回执：门岗没有注册或已吊销，或刚刚发布了新的下发包。请再试一次")), "error")
            return redirect(url_for(".page"))
        content = path.read_bytes()
    name = f"回执-{gate.name.replace('/', '_')}-{today():%Y%m%d}-{now():%H%M%S}.parcel"
    sent: Response = send_file(
        io.BytesIO(content), "application/octet-stream", as_attachment=True, download_name=name, max_age=0
    )
    return sent
