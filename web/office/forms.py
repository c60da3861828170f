"""The office's forms: what is typed, how long it may be, and what is said when it is missing."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, HiddenField, IntegerField, PasswordField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, EqualTo, InputRequired, Length, NumberRange, Optional, Regexp


def _bare(text: str | None) -> str:
    return (text or "").strip()


def _needed() -> DataRequired:
    return DataRequired(_("此项必填"))


def _at_most(length: int) -> Length:
    return Length(max=length, message=_("最多 %(max)d 个字"))


class Line(StringField):  # type: ignore[misc]  # wtforms carries no types
    """One line of text without blanks around it, of at most `longest` characters."""

    def __init__(self, label: str, longest: int = 60, *more: Any, needed: bool = True, **options: Any) -> None:
        checks = [_needed() if needed else Optional(), _at_most(longest), *more]
        super().__init__(label, checks, filters=[_bare], **options)


class Text(TextAreaField):  # type: ignore[misc]
    """Several lines of text, of at most `longest` characters."""

    def __init__(self, label: str, longest: int = 1000, **options: Any) -> None:
        super().__init__(label, [_needed(), _at_most(longest)], filters=[_bare], **options)


class Login(FlaskForm):  # type: ignore[misc]
    login = Line(_("账号"))
    password = PasswordField(_("密码"), [_needed(), _at_most(200)])


class Code(FlaskForm):  # type: ignore[misc]
    code = Line(_("动态验证码"), 10, Regexp(r"^\s*\d{6}\s*$", message=_("应为 6 位数字")))


class NewPassword(FlaskForm):  # type: ignore[misc]
    old = PasswordField(_("现在的密码"), [_needed(), _at_most(200)])
    new = PasswordField(_("新密码"), [_needed(), Length(min=10, message=_("至少 %(min)d 个字符")), _at_most(200)])
    again = PasswordField(_("再输一次新密码"), [_needed(), EqualTo("new", _("两次输入的新密码不同"))])


class Again(FlaskForm):  # type: ignore[misc]
    """The password once more, before something that a borrowed session must not do."""

    password = PasswordField(_("密码"), [_needed(), _at_most(200)])


class Reveal(FlaskForm):  # type: ignore[misc]
    reason = Line(_("查看理由"), 200)


class Done(FlaskForm):  # type: ignore[misc]
    done = Text(_("处理情况"))


class NewGate(FlaskForm):  # type: ignore[misc]
    community = SelectField(_("社区"))
    name = Line(_("门岗名称"))


class TicketForm(FlaskForm):  # type: ignore[misc]
    """A form that counts once."""

    ticket = HiddenField()


class PassTerms(FlaskForm):  # type: ignore[misc]
    """What passes that are issued together have in common."""

    community = SelectField(_("社区"))
    medium = SelectField(_("载体"))
    days = IntegerField(
        _("有效天数"), [InputRequired(_("此项必填")), NumberRange(1, 366, _("应为 1 至 366 天"))], default=14
    )


class NewPass(TicketForm, PassTerms):
    """`document` is a whole number, which is checked, or its last four: no more are kept."""

    name = Line(_("姓名"))
    document = Line(_("证件号码或后四位"), 24, needed=False)
    household = Line(_("住户"), needed=False)
    phone = Line(_("电话"), 20, needed=False)
    kind = SelectField(_("类别"))
    paper = SelectField(_("纸张"), choices=[SelectChoice("a6", "A6"), SelectChoice("a4", "A4")])


class NewHousehold(PassTerms):
    household = Line(_("住户"))
    kind = SelectField(_("类别"))
    people = Text(_("家庭成员"), 2000)


class NewList(PassTerms):
    file = FileField(_("名单（.xlsx）"), [FileRequired(_("请选择文件"))])


class Confirm(FlaskForm):  # type: ignore[misc]
    again = BooleanField(_("已有有效证的人也再发一张"))


class Find(FlaskForm):  # type: ignore[misc]
    words = Line(_("姓名、住户或证号"), needed=False)


class Reissue(FlaskForm):  # type: ignore[misc]
    why = Line(_("换发原因"), 200)
    medium = SelectField(_("载体"))
    days = IntegerField(_("有效天数"), [Optional(), NumberRange(1, 366, _("应为 1 至 366 天"))])


class Revoke(FlaskForm):  # type: ignore[misc]
    why = Line(_("作废原因"), 200, needed=False)


class RevokeHousehold(FlaskForm):  # type: ignore[misc]
    community = SelectField(_("社区"))
    household = Line(_("住户"))
    why = Line(_("作废原因"), 200)


class NewNotice(FlaskForm):  # type: ignore[misc]
    community = SelectField(_("社区"))
    zh = Text(_("中文"), 500)
    en = Text(_("英文"), 1000)


class NewUser(FlaskForm):  # type: ignore[misc]
    login = Line(_("账号"), 40, Regexp(r"^[a-z0-9._-]+$", message=_("只用小写字母、数字、点、横线")))
    name = Line(_("姓名"))
    role = SelectField(_("角色"))
    unit = SelectField(_("可见范围"))


class Role(FlaskForm):  # type: ignore[misc]
    role = SelectField(_("角色"))


class Plain(FlaskForm):  # type: ignore[misc]
    """A button and its CSRF token."""
