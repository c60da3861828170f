"""暂停、恢复、吊销、擦除: what an administrator does about a gate that is lost, broken or given up."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from sync.office.errors import Refused
from web.office.here import office, scope, user
from web.office.sessions import admins_only

blueprint = Blueprint("standing", __name__, url_prefix="/gates")


@blueprint.post("/<gate_id>/suspend")
@admins_only
def suspend(gate_id: str) -> Response:
    try:
        office().standings.suspend(gate_id, scope(), request.form.get("why", ""), who=user().login)
    except Refused:
        return _again(gate_id, _("请写明原因，门岗上会显示"))
    flash(_("已暂停：不再下发，已记录的仍可上报"), "good")
    return _back(gate_id)


@blueprint.post("/<gate_id>/resume")
@admins_only
def resume(gate_id: str) -> Response:
    office().standings.resume(gate_id, scope(), who=user().login)
    flash(_("已恢复"), "good")
    return _back(gate_id)


@blueprint.post("/<gate_id>/revoke")
@admins_only
def revoke(gate_id: str) -> Response:
    """Refuses the gate's key at once."""
    if not_meant := _not_confirmed(gate_id):
        return not_meant
    office().enrolment.cut_off(gate_id, scope(), who=user().login)
    flash(_("已吊销：它的请求从现在起一律拒绝"), "good")
    return _back(gate_id)


@blueprint.post("/<gate_id>/wipe")
@admins_only
def wipe(gate_id: str) -> Response:
    """Has the gate forget its keys once its journal has drained."""
    if not_meant := _not_confirmed(gate_id):
        return not_meant
    try:
        office().standings.wipe(gate_id, scope(), request.form.get("why", ""), who=user().login)
    except Refused:
        return _again(gate_id, _("请写明原因，门岗上会显示"))
    flash(_("台账收齐后，门岗将擦除密钥和注册信息"), "good")
    return _back(gate_id)


def _not_confirmed(gate_id: str) -> Response | None:
    """What to answer unless the gate's name was typed, for what cannot be taken back. Raises NotFound."""
    gate = office().gates.get(gate_id, scope())
    if request.form.get("name", "").strip() == gate.name:
        return None
    return _again(gate_id, _("没有执行：请输入门岗名称“%(name)s”以确认", name=gate.name))


def _again(gate_id: str, why: str) -> Response:
    """Back to the forms, open, since nothing was done."""
    flash(why, "error")
    return redirect(url_for("gates.show", gate_id=gate_id, again=1))


def _back(gate_id: str) -> Response:
    return redirect(url_for("gates.show", gate_id=gate_id))
