"""Lists: an Excel file is read, every problem of it shown, and passes are issued only when somebody confirms."""

from __future__ import annotations

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from sync.office.errors import Refused
from sync.office.lists.spreadsheet import SheetError
from sync.office.passes import workbook
from web.office import labels
from web.office.forms import Confirm, NewList, Plain
from web.office.here import community_choices, office, scope, user
from web.office.passes.blueprint import Page, blueprint
from web.office.passes.papers import PART
from web.setup import language

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.route("/bulk", methods=["GET", "POST"])
def bulk() -> Page:
    """Takes the file; nothing is issued yet."""
    form = NewList()
    form.community.choices = community_choices()
    form.medium.choices = labels.choices("medium")
    if form.validate_on_submit():
        try:
            return _taken(form)
        except SheetError as error:
            form.file.errors = [error.say.zh if language() == "zh" else error.say.en]
    return render_template("office/pass_bulk.html", form=form, most=workbook.MOST_ROWS), 422 if form.errors else 200


@blueprint.get("/template.xlsx")
def template() -> Response:
    """An empty list to fill in."""
    headers = {"Content-Disposition": 'attachment; filename="passes-template.xlsx"'}
    return Response(workbook.template(), mimetype=XLSX, headers=headers)


@blueprint.get("/lists/<batch>")
def one_list(batch: str) -> str:
    """Before it is confirmed every row with its problems; afterwards what was issued, and its sheets."""
    found = office().batches.get(batch, scope())
    if found.issued_at is None:
        return render_template("office/pass_preview.html", found=found, form=Confirm(), column=workbook.column)
    starts = range(0, found.count, PART)
    parts = [(number, start + 1, min(start + PART, found.count)) for number, start in enumerate(starts, 1)]
    return render_template("office/pass_list.html", found=found, sheets=parts, plain=Plain())


@blueprint.post("/lists/<batch>/confirm")
def confirm(batch: str) -> AnyResponse:
    """Issues; once, however often it is sent."""
    form = Confirm()
    if form.validate_on_submit():
        try:
            done = office().batches.confirm(batch, scope(), who=user().login, again=form.again.data)
        except Refused:
            flash(_("没有人可以签发：每一行都有问题，或都已有有效的证"), "error")
        else:
            flash(_("已签发 %(count)s 张出入证", count=done.count), "good")
    return redirect(url_for(".one_list", batch=batch))


@blueprint.post("/lists/<batch>/discard")
def discard(batch: str) -> AnyResponse:
    """Forgets a list that is not to be issued."""
    office().batches.discard(batch, scope())
    flash(_("名单已放弃，没有签发任何证"), "good")
    return redirect(url_for(".page"))


def _taken(form: NewList) -> AnyResponse:
    upload = request.files[form.file.name]
    listed = workbook.read(upload.read(workbook.MOST_BYTES + 1), days=form.days.data, medium=form.medium.data)
    made = office().batches.draft(
        form.community.data, upload.filename or listed.title, listed.lines, who=user().login, scope=scope()
    )
    if listed.ignored:
        flash(_("这些列没有读取：%(columns)s", columns="、".join(listed.ignored)[:200]), "info")
    return redirect(url_for(".one_list", batch=made.id))
