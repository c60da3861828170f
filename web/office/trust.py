"""签发机构: whose codes the gates believe, importing keys by upload with a look before it counts, removing them, and
which keys the gates lack."""

from __future__ import annotations

from collections import Counter
from pathlib import PurePath
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_login import current_user
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired, MultipleFileField
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response
from wtforms import BooleanField, SelectField
from wtforms.fields.choices import SelectChoice

from sync.office.errors import Refused
from sync.office.trust import reading
from sync.office.trust.files import MAX_BYTES, MAX_FILE_BYTES, MAX_FILES, File
from sync.office.trust.found import SCHEMES, Wish
from sync.office.trust.values import Held, kid_text
from sync.office.values import Page as Rows
from web.office import labels
from web.office.filters import page_number
from web.office.forms import Line, Plain
from web.office.here import now, office, scope, user
from web.office.sessions import may_manage_office, whole_office_only

blueprint = Blueprint("trust", __name__, url_prefix="/trust")

SIZE = 50  # keys on a page
SHOWN = 50  # of each kind of change
NAMED = 3  # files, before the rest is …
OVERHEAD = 256 * 1024  # the form around the files

Page = str | Response | tuple[str, int]


class Upload(FlaskForm):  # type: ignore[misc]
    scheme = SelectField(_("码的种类"))
    files = MultipleFileField(_("文件"), [FileRequired(_("请选择文件"))])
    issuer = Line(_("签发者网址"), 300, needed=False)
    signed_by = FileField(_("名单签名者的证书或公钥"))
    replaces = BooleanField(_("替换：文件里没有的密钥一律去掉"))


@blueprint.url_value_preprocessor
def welcome_files(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Lets an administrator send lists. This comes before the form is looked into; nobody else may send so much."""
    if endpoint == "trust.new" and current_user.is_authenticated and may_manage_office():
        request.max_content_length = MAX_BYTES + OVERHEAD
        request.max_form_parts = MAX_FILES + 100


@blueprint.get("")
def page() -> str:
    """The keys (of `?scheme=`), how many of them end soon, what gates lack, and what was revoked."""
    held, at = office().issuers.list(), now()
    wish = request.args.get("scheme", "")
    return render_template(
        "office/trust/page.html",
        rows=_rows([key for key in held if wish in ("", key.scheme)], page_number(request.args.get("page"))),
        scheme=wish,
        counts=Counter(key.scheme for key in held),
        states=Counter(key.state(at) for key in held),
        lacking=office().issuers.lacking(scope()),
        importable=SCHEMES,
        revoked=office().revocation.listed(),
        cards=office().revocation.cards.count(),
        may_change=may_manage_office(),
    )


@blueprint.route("/import", methods=["GET", "POST"])
@whole_office_only
def new() -> Page:
    """Takes files and shows what they would change; nothing counts before it is confirmed."""
    form, refused = _upload(), ""
    if form.validate_on_submit():
        try:
            draft = _draft(form)
        except Refused as error:
            refused = str(error)
        else:
            return redirect(url_for(".preview", draft_id=draft))
    if not form.is_submitted():
        form.scheme.data = request.args.get("scheme", SCHEMES[0])
    return render_template("office/trust/import.html", form=form, refused=refused), 422 if form.is_submitted() else 200


@blueprint.route("/import/<draft_id>", methods=["GET", "POST"])
@whole_office_only
def preview(draft_id: str) -> Page:
    form = Plain()
    if form.validate_on_submit():
        changes = office().issuers.confirm(draft_id, who=user().login)
        flash(
            gettext(
                "已下发：新增 %(new)s，更新 %(changed)s，去掉 %(gone)s",
                new=len(changes.new),
                changed=len(changes.changed),
                gone=len(changes.gone),
            ),
            "good",
        )
        return redirect(url_for(".page"))
    draft = office().issuers.drafts.get(draft_id, who=user().login)
    changes = office().issuers.compare(draft.found, draft.scheme, replaces=draft.replaces)
    kinds = {"new": changes.new, "changed": changes.changed, "gone": changes.gone, "ends": changes.expiring(now())}
    return render_template(
        "office/trust/preview.html", draft=draft, changes=changes, kinds=kinds, most=SHOWN, plain=form, kid=kid_text
    )


@blueprint.route("/<key_id>/remove", methods=["GET", "POST"])
@whole_office_only
def remove(key_id: str) -> Page:
    """Asks once more, then believes the key no longer; gates hear of it with the next sync."""
    form, held = Plain(), office().issuers.get(key_id)
    if form.validate_on_submit():
        office().issuers.remove([held], who=user().login)
        flash(gettext("已去掉密钥 %(kid)s", kid=held.kid_text), "good")
        return redirect(url_for(".page"))
    return render_template("office/trust/remove.html", row=held, plain=form)


def _rows(held: list[Held], number: int) -> Rows[Held]:
    begin = (number - 1) * SIZE
    return Rows(tuple(held[begin : begin + SIZE]), len(held), number, SIZE)


def _upload() -> Upload:
    form = Upload()
    form.scheme.choices = [SelectChoice(scheme, labels.label("scheme", scheme)) for scheme in SCHEMES]
    return form


def _draft(form: Upload) -> str:
    """Reads the files and keeps what is in them. Raises Refused."""
    signed_by = _file(form.signed_by.data) if form.signed_by.data else None
    files = [_file(sent) for sent in form.files.data]
    found = reading.read(files, Wish(form.scheme.data, form.issuer.data or "", signed_by))
    source = ", ".join(file.name for file in files[:NAMED]) + (", …" if len(files) > NAMED else "")
    drafts = office().issuers.drafts
    return drafts.keep(found, form.scheme.data, source, replaces=form.replaces.data, who=user().login).id


def _file(sent: FileStorage) -> File:
    """Raises Refused for one that is too large."""
    name = PurePath((sent.filename or "").replace("\\", "/")).name or "file"
    content = sent.read(MAX_FILE_BYTES + 1)
    if len(content) > MAX_FILE_BYTES:
        raise Refused(f"{name}: larger than {MAX_FILE_BYTES // 2**20} MB: no list of issuers is")
    return File(name[:100], content)
