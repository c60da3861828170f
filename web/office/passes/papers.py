"""What is handed over: sheets to print and links for phones. Both put names in clear and are noted in the audit."""

from __future__ import annotations

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from sync.office.errors import Refused
from sync.office.passes.links import Link
from sync.office.values import PassFilter
from web.office.here import now, office, scope, user
from web.office.passes.blueprint import Page, blueprint

PART = 200  # passes in one file: a few seconds' work, 25 pages of A4


@blueprint.post("/<serial>/sheet.pdf")
def sheet(serial: str) -> AnyResponse:
    """One pass on paper."""
    row = office().passes.get(serial, scope())
    return pdf(PassFilter(words=row.serial), url_for(".one", serial=row.serial))


@blueprint.post("/lists/<batch>/sheet.pdf")
def list_sheet(batch: str) -> AnyResponse:
    """One part of a list on paper, the part that `?part=` names from 1."""
    found = office().batches.get(batch, scope())
    part = request.args.get("part", "1")
    if not part.isascii() or not part.isdigit() or not 1 <= int(part[:6]) <= found.count // PART + 1:
        abort(404)
    return pdf(PassFilter(batch=found.id), url_for(".one_list", batch=found.id), (int(part) - 1) * PART)


@blueprint.post("/<serial>/link")
def link(serial: str) -> Page:
    """A new link for the holder's phone, shown once."""
    try:
        made = office().links.make(serial, scope(), who=user().login)
    except Refused:
        flash(_("只有签发给手机、仍然有效的证才有链接"), "error")
        return redirect(url_for(".one", serial=serial))
    row = office().passes.get(serial, scope())
    return render_template("office/pass_link.html", row=row, link=made, address=address(made))


def pdf(wanted: PassFilter, back: str, first: int = 0) -> AnyResponse:
    """The valid paper passes of a filter as a file to print; back to `back` with a word when there is none."""
    from sync.office.passes import paper as papers  # brings the writer of PDFs along, and what opens fonts

    size = request.args.get("paper", "a4")
    if size not in papers.PAPERS:
        abort(404)
    passes = office().passes.in_clear(wanted, scope(), who=user().login, medium="paper", first=first, most=PART)
    if not passes:
        flash(_("没有可以打印的证：已作废、已过期，或签发给手机"), "error")
        return redirect(back)
    try:
        data = papers.sheet(passes, size, office().settings.zone, now())
    except papers.MissingLetters as error:
        flash(
            _("没有这些字的字体：%(letters)s。请在服务器上安装 fonts-noto-cjk 后再打印", letters=error.letters), "error"
        )
        return redirect(back)
    name = f"passes-{now():%Y%m%d}-{size}.pdf"
    return Response(data, mimetype="application/pdf", headers={"Content-Disposition": f'attachment; filename="{name}"'})


def address(link: Link) -> str:
    """What the holder opens. The secret stands behind #, which browsers keep to themselves."""
    return f"{url_for('phone.page', _external=True)}#{link.secret}"
