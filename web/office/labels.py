"""Words on screens for the words of the data: what the records call `camera` a person reads as 摄像头."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _
from wtforms.fields.choices import SelectChoice

LABELS: Mapping[str, Mapping[str, str]] = {
    "verdict": {"admit": _("放行"), "check": _("复核"), "refuse": _("劝返"), "isolate": _("留观"), "": _("中止")},
    "figure": {
        "all": _("全部"),
        "admit": _("放行"),
        "check": _("复核"),
        "refuse": _("劝返"),
        "isolate": _("留观"),
        "abandoned": _("中止"),
        "in": _("进"),
        "out": _("出"),
    },
    "direction": {"in": _("进"), "out": _("出")},
    "method": {
        "camera": _("摄像头"),
        "tablet": _("平板自助"),
        "scanner": _("扫码枪"),
        "upload": _("上传照片"),
        "hand": _("手工登记"),
    },
    "kind": {"passage": _("通行"), "visit.abandoned": _("中止的办理")},
    "level": {"green": _("绿码"), "yellow": _("黄码"), "red": _("红码"), "none": _("不含健康状态")},
    "verification": {"verified": _("已核验"), "unverified": _("无法核验"), "failed": _("核验不通过")},
    "colour": {
        "green": _("绿色"),
        "yellow": _("黄色"),
        "red": _("红色"),
        "black": _("黑色"),
        "unsure": _("看不准"),
    },
    "footing": {"fresh": _("新"), "stale": _("偏旧"), "expired": _("已过期"), "none": _("没有下发包")},
    "scheme": {
        "office-pass": _("出入证"),
        "level-token": _("演示码"),
        "unknown": _("不认识的码"),
        "": _("没有出示码"),
    },
    "reason": {
        "unknown-scheme": _("不是认识的健康码"),
        "malformed": _("内容残缺"),
        "schema": _("内容不合格式"),
        "unknown-issuer": _("签发者不明"),
        "bad-signature": _("签名不对"),
        "wrong-usage": _("用途不符"),
        "not-yet-valid": _("尚未生效"),
        "expired": _("已过期"),
        "revoked": _("已作废"),
        "unverifiable": _("此类码无法离线核验"),
        "too-large": _("内容过大"),
    },
    "alert": {
        "fever": _("发热"),
        "symptoms": _("有症状"),
        "red-code": _("红码"),
        "forged-pass": _("伪造证件"),
        "revoked-pass": _("使用已作废证件"),
        "observation-left": _("观察期间外出"),
        "fork": _("台账分叉"),
        "chain": _("台账断链"),
        "parked": _("事件无法读取"),
    },
    "role": {"clerk": _("工作人员"), "admin": _("管理员")},
    "pass": {"resident": _("居民"), "visitor": _("访客"), "worker": _("务工人员"), "returnee": _("返乡人员")},
    "device": {
        "ok": _("正常"),
        "stalled": _("画面停住"),
        "missing": _("未接上"),
        "silent": _("没有回应"),
        "none": _("没有配置"),
        "ended": _("影片已放完"),
        "": _("未报告"),
    },
    "unit": {"city": _("市"), "district": _("区"), "street": _("街道"), "community": _("社区")},
    "section": {
        "policy": _("防控策略"),
        "trust": _("可信签发者"),
        "revoked": _("作废名单"),
        "watch": _("重点人员"),
        "notices": _("通知"),
    },
    "personal": {
        "name": _("姓名"),
        "id_number": _("身份证号"),
        "id_last4": _("身份证后四位"),
        "phone": _("电话"),
        "household": _("住户"),
        "birth_date": _("出生日期"),
        "serial": _("码的编号"),
        "pass_number": _("通行证号"),
        "tokens": _("比对标记"),
        "answers": _("询问回答"),
        "tests": _("检测"),
        "facts": _("判定所依据的事实"),
    },
    "site": {"forehead": _("额温"), "wrist": _("腕温"), "ear": _("耳温"), "armpit": _("腋温")},
    "audit": {
        "login": _("登录"),
        "login.fail": _("登录失败"),
        "login.lock": _("登录失败过多，已锁定"),
        "login.locked": _("锁定期间尝试登录"),
        "login.unknown": _("用不存在的账号登录"),
        "user.add": _("添加用户"),
        "user.reset": _("重设密码"),
        "user.role": _("更改角色"),
        "user.password": _("修改密码"),
        "user.totp": _("启用动态验证码"),
        "user.totp.begin": _("开始启用动态验证码"),
        "entry.reveal": _("查看个人信息原文"),
        "alert.close": _("关闭预警"),
        "bundle.publish": _("发布下发包"),
        "pass.issue": _("签发出入证"),
        "pass.revoke": _("作废出入证"),
        "gate.add": _("添加门岗"),
        "gate.token": _("发注册码"),
        "gate.enroll": _("门岗接入"),
        "gate.wake": _("请门岗同步"),
        "unit.add": _("添加单位"),
        "demo.set-up": _("布置演示"),
        "demo.remove": _("撤除演示"),
    },
    "field": {
        "login": _("账号"),
        "name": _("姓名"),
        "reason": _("查看理由"),
        "done": _("处理情况"),
        "id_last4": _("身份证后四位"),
        "household": _("住户"),
        "kind": _("类别"),
        "days": _("有效天数"),
        "paper": _("纸张"),
        "zh": _("中文"),
        "en": _("英文"),
        "role": _("角色"),
    },
    "demo": {"yes": _("只看演示"), "no": _("不看演示")},
    "action": {
        "alert:fever": _("上报发热预警"),
        "alert:symptoms": _("上报症状预警"),
        "alert:red-code": _("上报红码"),
        "alert:forged-pass": _("上报伪造证件"),
        "alert:revoked-pass": _("上报使用已作废证件"),
        "alert:observation-left": _("上报观察期间外出"),
        "advise:pass-office": _("告知到街道办换证"),
        "advise:register-return": _("登记返乡信息"),
        "advise:fever-clinic": _("告知就近发热门诊"),
        "call:120": _("拨打 120"),
    },
}


def label(group: str, word: object) -> str:
    """The word on the screen; a word that is not known shows as it is."""
    plain = "" if word is None else str(word)
    return str(LABELS[group].get(plain, plain))


def choices(group: str) -> list[SelectChoice]:
    """A group for a select field."""
    return [SelectChoice(word, str(text)) for word, text in LABELS[group].items()]
