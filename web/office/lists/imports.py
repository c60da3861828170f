"""Lists out of files: read, every problem shown with row and column, taken only when somebody confirms."""

from __future__ import annotations

from functools import partial

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from sync.office.errors import Refused
from sync.office.lists import sheet
from sync.office.lists.columns import column
from sync.office.lists.imports import Draft
from sync.office.lists.spreadsheet import SheetError
from sync.office.lists.wanted import ROSTER
from web.office.forms import Plain
from web.office.here import community_choices, office, scope, user
from web.office.lists import progress
from web.office.lists.blueprint import Page, blueprint, said
from web.office.lists.forms import File
from web.office.lists.people import REGISTER

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN = 200  # rows of a list on its page; those with a problem come first


@blueprint.route(f"{REGISTER}/import", methods=["GET", "POST"])
def read_in(register: str) -> Page:
    """Takes the file; nothing is changed yet."""
    form = File()
    form.community.choices = community_choices()
    if form.validate_on_submit():
        try:
            return _taken(register, form)
        except SheetError as error:
            form.file.errors = [said(error.say)]
    content = render_template("office/lists/import.html", register=register, form=form, most=sheet.MOST_ROWS)
    return content, 422 if form.errors else 200


@blueprint.get(f"{REGISTER}/template.xlsx")
def template(register: str) -> Response:
    """An empty list to fill in."""
    headers = {"Content-Disposition": f'attachment; filename="{register}-template.xlsx"'}
    return Response(sheet.template(register), mimetype=XLSX, headers=headers)


@blueprint.get("/import/<draft>")
def preview(draft: str) -> str:
    """Every problem, and what the list would change."""
    found = office().imports.get(draft, scope(), who=user().login)
    rows = [*found.bad, *found.good][:SHOWN]
    return render_template(
        "office/lists/preview.html",
        found=found,
        rows=rows,
        form=Plain(),
        column=column,
        blocked=found.replaces and found.bad,
    )


@blueprint.post("/import/<draft>/confirm")
def confirm(draft: str) -> AnyResponse:
    form, found = Plain(), office().imports.get(draft, scope(), who=user().login)
    if not form.validate_on_submit():
        return redirect(url_for(".preview", draft=draft))
    try:
        done = office().imports.confirm(draft, scope(), who=user().login)
    except Refused:
        flash(_("没有导入：没有一行可用，或替换用的名册里还有问题"), "error")
        return redirect(url_for(".preview", draft=draft))
    flash(
        _(
            "已导入并下发：新增 %(new)s，更新 %(merged)s，不变 %(same)s，去掉 %(gone)s",
            new=done.new, merged=done.merged, same=done.same, gone=done.gone,
        ),
        "good",
    )  # fmt: skip
    return redirect(url_for(".page", register=found.register))


@blueprint.post("/import/<draft>/discard")
def discard(draft: str) -> AnyResponse:
    """Forgets a list that is not to count."""
    found = office().imports.get(draft, scope(), who=user().login)
    office().imports.discard(draft, scope(), who=user().login)
    flash(_("名单已放弃，没有改动"), "good")
    return redirect(url_for(".page", register=found.register))


def _taken(register: str, form: File) -> AnyResponse:
    upload = request.files[form.file.name]
    data, scoped, who = upload.read(sheet.MOST_BYTES + 1), scope(), user().login
    imports, replaces = office().imports, form.replaces.data and register == ROSTER
    community, title = form.community.data, upload.filename or ""

    def work(tell: progress.Tell) -> Draft:
        listed = sheet.read(register, data, partial(tell, "reading"))
        return imports.draft(
            register, community, title, listed.lines,
            who=who, scope=scoped, replaces=replaces, ignored=listed.ignored, advance=partial(tell, "checking"),
        )  # fmt: skip

    if progress.wanted():
        return progress.told(work, _preview)
    return redirect(_preview(work(lambda _step, _done, _of: None)))


def _preview(draft: Draft) -> str:
    return url_for(".preview", draft=draft.id)
