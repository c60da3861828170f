"""What hinders the sync, in the two languages of the console."""

from __future__ import annotations

from kiosk.errors import GatehouseError, HandDownError, JournalError
from kiosk.model import Saying

_SAYINGS = {
    "unreachable": Saying("连不上街道办，记录先存在本机", "The office cannot be reached; everything is kept here"),
    "broken": Saying("与街道办的连接中断，稍后重试", "The line to the office broke off; trying again"),
    "tls": Saying("街道办的证书不可信", "The office's certificate is not accepted"),
    "rubbish": Saying("该地址没有按街道办的方式答复", "What answers there does not answer as an office does"),
    "clock": Saying("本机时钟与街道办相差太多，请校时", "This gate's clock is too far off; set it right"),
    "signature": Saying("街道办不认可本门岗的签名", "The office does not accept this gate's signature"),
    "unknown-gate": Saying("街道办没有登记本门岗，请重新注册", "The office does not know this gate; enrol it again"),
    "fork": Saying(
        "街道办已有不同的记录，已停止上报，请联系街道办",
        "The office holds other records under these numbers; pushing has stopped: call the office",
    ),
    "chain": Saying(
        "台账不连续，已停止上报，请联系街道办",
        "The office found the journal broken; pushing has stopped: call the office",
    ),
    "upgrade": Saying("本门岗软件版本过旧，需要升级", "This gate's software is too old: it needs an update"),
    "version": Saying(
        "街道办软件版本较旧，请街道办升级", "The office's software is older than this gate's: it needs an update"
    ),
    "suspended": Saying(
        "街道办已暂停本门岗，记录照常上报，请联系街道办",
        "The office has suspended this gate; what is recorded still goes up: call the office",
    ),
    "busy": Saying("街道办繁忙，稍后重试", "The office is busy; trying again later"),
    "unavailable": Saying(
        "街道办暂时不能接收，稍后重试", "The office cannot take anything just now; trying again later"
    ),
}
_HANDDOWN = Saying("下发包有误，沿用上一版", "What was handed down is not right; the last good one stays in force")
_JOURNAL = Saying("读不出台账", "The journal cannot be read")
_OTHER = Saying("与街道办同步失败", "Syncing with the office failed")


def saying(error: GatehouseError) -> Saying:
    """What a volunteer is told of `error`; the log has the details."""
    if isinstance(error, HandDownError):
        return _HANDDOWN
    if isinstance(error, JournalError):
        return _JOURNAL
    return _SAYINGS.get(getattr(error, "word", ""), _OTHER)
