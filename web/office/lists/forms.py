"""What is typed on the pages about lists."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, DateField, DateTimeLocalField, IntegerField, SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from web.office.forms import Line

NEEDED = _("此项必填")
LEVELS = [SelectChoice("high", _("高风险")), SelectChoice("medium", _("中风险")), SelectChoice("low", _("低风险"))]
KINDS = [SelectChoice("fever-clinic", _("发热门诊")), SelectChoice("test-site", _("检测点"))]


class Somebody(FlaskForm):  # type: ignore[misc]
    """What both lists ask for."""

    community = SelectField(_("社区"))
    name = Line(_("姓名"), needed=False)
    id_number = Line(_("证件号码"), 24, needed=False)
    phone = Line(_("电话"), 20, needed=False)
    plate = Line(_("车牌"), 12, needed=False)
    why = SelectField(_("类别"))


class NewWatched(Somebody):
    begins = DateField(_("开始日期"), [Optional()])
    ends = DateField(_("截止日期"), [Optional()])
    worker = Line(_("网格员"), needed=False)
    worker_phone = Line(_("网格员电话"), 20, needed=False)
    do = Line(_("处置要求"), 200, needed=False)


class NewLiving(Somebody):
    household = Line(_("住户"), needed=False)
    special = SelectField(_("特殊情况"))
    birth_year = Line(_("出生年"), 4, needed=False)
    grid = Line(_("网格"), needed=False)


class Words(FlaskForm):  # type: ignore[misc]
    words = Line(_("姓名、号码或住户"), needed=False)


class Why(FlaskForm):  # type: ignore[misc]
    why = Line(_("原因"), 200)


class File(FlaskForm):  # type: ignore[misc]
    community = SelectField(_("社区"))
    file = FileField(_("名单（.xlsx 或 .csv）"), [FileRequired(_("请选择文件"))])
    replaces = BooleanField(_("替换：名册上有、文件里没有的人去掉"))


class NewRegion(FlaskForm):  # type: ignore[misc]
    code = Line(_("行政区划代码"), 12)
    zh = Line(_("名称"))
    en = Line(_("英文名称"), needed=False)
    level = SelectField(_("风险等级"), choices=LEVELS)
    begins = DateField(_("开始日期"), [Optional()])
    ends = DateField(_("截止日期"), [Optional()])
    everywhere = BooleanField(_("所有社区都加"))


class RegionsFile(FlaskForm):  # type: ignore[misc]
    file = FileField(_("文件（.csv 或 .json）"), [FileRequired(_("请选择文件"))])
    everywhere = BooleanField(_("所有社区都换"))


class Ticks(SelectMultipleField):  # type: ignore[misc]
    """Any number of choices, each with a box to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class NewPlace(FlaskForm):  # type: ignore[misc]
    name = Line(_("场所名称"))
    limit = IntegerField(_("人数上限"), [Optional(), NumberRange(0, 100_000, _("应为 0 至 100000"))])
    gates = Ticks(_("进出的门岗"))


class NewGathering(FlaskForm):  # type: ignore[misc]
    place = SelectField(_("场所"))
    name = Line(_("活动名称"))
    people = IntegerField(_("预计人数"), [InputRequired(NEEDED), NumberRange(1, 100_000, _("应为 1 至 100000"))])
    begins = DateTimeLocalField(_("开始"), [InputRequired(NEEDED)])
    ends = DateTimeLocalField(_("结束"), [InputRequired(NEEDED)])
    approved = BooleanField(_("已获批准"))


class NewClinic(FlaskForm):  # type: ignore[misc]
    kind = SelectField(_("种类"), choices=KINDS)
    zh = Line(_("名称"))
    en = Line(_("英文名称"), 120, needed=False)
    address = Line(_("地址"), 120, needed=False)
    phone = Line(_("电话"), 40, needed=False)
    hours = Line(_("开放时间"), 60, needed=False)
