"""查找本人与申请删除: what is held of somebody, by a number that is in no address; deletion by two people."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import BooleanField, HiddenField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from sync.office.errors import Refused
from sync.office.retention.erasing import REASONS
from sync.office.retention.finding import Number
from sync.office.retention.finding import number as read_number
from sync.office.second_person import SamePerson
from web.office.forms import Line
from web.office.here import office, scope, user
from web.office.sessions import admins_only

blueprint = Blueprint("person", __name__, url_prefix="/retention/person")

Page = str | AnyResponse | tuple[str, int]
WORDS = {
    "own-request": _("本人要求"),
    "wrong-data": _("登记有误"),
    "court": _("依法要求"),
    "moved-away": _("已迁出"),
}


class Search(FlaskForm):  # type: ignore[misc]
    number = Line(_("身份证件号码或电话"), 24)
    why = Line(_("查找理由"), 200)


class Ask(FlaskForm):  # type: ignore[misc]
    """The number is typed once more: nothing goes by accident, and no page carries it."""

    community = HiddenField()
    number = Line(_("再输一次号码"), 24)
    reason = SelectField(_("原因"))


class Sure(FlaskForm):  # type: ignore[misc]
    sure = BooleanField(_("我已核对，删除后不能恢复"), [InputRequired(_("请先核对并勾选"))])


@blueprint.get("")
@admins_only
def page() -> str:
    return _search_page(Search(formdata=None))


@blueprint.post("")
@admins_only
def search() -> Page:
    """What is held of the person, masked. The number is read from the body and dropped with the answer."""
    form = Search()
    wanted = _typed(form) if form.validate_on_submit() else None
    if wanted is None:
        form.number.data = ""
        return _search_page(form), 422
    found = office().finding.search(wanted, form.why.data, scope(), who=user().login)
    form.number.data = ""
    entries = {
        one.community: [office().entries.get(part.event, scope()).row for part in one.parts if part.kind == "passage"]
        for one in found
    }
    alerts = {one.community: [office().alerts.get(alert, scope()) for alert in one.alerts] for one in found}
    listed = {one.community: [office().people.get(id, scope()) for id in one.listed] for one in found}
    return _search_page(form, found=found, entries=entries, alerts=alerts, listed=listed, ask=_ask_form(formdata=None))


@blueprint.post("/ask")
@admins_only
def ask() -> Page:
    form = _ask_form()
    wanted = _typed(form) if form.validate_on_submit() else None
    if wanted is None:
        flash(gettext("没有提交：不是有效的证件号码或电话。请重新查找，再输一次"), "error")
        return redirect(url_for(".page"))
    made = office().erasures.ask(form.community.data, wanted, form.reason.data, scope(), who=user().login)
    flash(gettext("已提交，请另一位管理员核对后执行"), "good")
    return redirect(url_for(".show", erasure_id=made.id))


@blueprint.get("/requests/<erasure_id>")
@admins_only
def show(erasure_id: str) -> str:
    return _request_page(erasure_id, Sure(formdata=None))


@blueprint.post("/requests/<erasure_id>/approve")
@admins_only
def approve(erasure_id: str) -> Page:
    form = Sure()
    if not form.validate_on_submit():
        return _request_page(erasure_id, form), 422
    try:
        office().erasures.approve(erasure_id, scope(), who=user().login)
    except SamePerson:
        flash(gettext("提交人不能自己执行，请另一位管理员核对"), "error")
    except Refused:
        flash(gettext("这项申请已经处理过"), "error")
    else:
        flash(gettext("已删除，证明已生成；门岗下次联络时删除各自的部分"), "good")
    return redirect(url_for(".show", erasure_id=erasure_id))


@blueprint.post("/requests/<erasure_id>/cancel")
@admins_only
def cancel(erasure_id: str) -> AnyResponse:
    try:
        office().erasures.cancel(erasure_id, scope(), who=user().login)
    except Refused:
        flash(gettext("这项申请已经处理过"), "error")
    else:
        flash(gettext("已撤销，申请人是谁不再保存"), "good")
    return redirect(url_for(".show", erasure_id=erasure_id))


def _typed(form: Any) -> Number | None:
    """The number in the form; None, with the field marked, where it is none."""
    try:
        return read_number(form.number.data)
    except Refused:
        form.number.errors = [gettext("不是有效的证件号码或电话，请核对")]
        return None


def _ask_form(**options: Any) -> Any:
    form = Ask(**options)
    form.reason.choices = [SelectChoice(name, WORDS[name]) for name in REASONS]
    return form


def _search_page(form: Search, **found: Any) -> str:
    return render_template("office/retention/person.html", form=form, **found)


def _request_page(erasure_id: str, form: Sure) -> str:
    one = office().erasures.get(erasure_id, scope())
    preview = office().erasures.asked(erasure_id, scope()) if one.state == "asked" else None
    two = office().erasures.two_people
    return render_template(
        "office/retention/request.html", one=one, preview=preview, form=form, words=WORDS, two_people=two
    )
