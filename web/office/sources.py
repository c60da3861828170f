"""What a rule's `source` refers to: the row of the official notices, as a person reads it beside a reason."""

from __future__ import annotations

import re

from kiosk.model import Saying

ROWS = {
    "G1": Saying("先验码后服务，凭绿码一码通行", "The code is checked first; a green code passes"),
    "G2": Saying("出入人员测温", "Everyone's temperature is taken"),
    "G3": Saying("询问症状与 14 天内旅行、接触史", "Symptoms and the last 14 days are asked about"),
    "G4": Saying("出入人员登记", "People are registered"),
    "G5": Saying("外来车辆登记", "Outside vehicles are registered"),
    "G6": Saying("卡口消毒", "The checkpoint is disinfected"),
    "G7": Saying("佩戴口罩监督提醒", "Masks are asked for"),
    "G8": Saying("人员限流", "The number of people inside is limited"),
    "G9": Saying("限制人员进出", "In and out are both controlled"),
    "G10": Saying("7 日内核酸检测阴性证明", "A negative test of the last 7 days"),
    "G11": Saying("居家医学观察人员不得外出", "People under home observation do not leave"),
    "G12": Saying("发热病人由 120 转运，不得自行离开", "Fever patients are not sent away on their own"),
    "G13": Saying("人脸识别、遥感测温等智能设备", "Smart devices"),
    "G14": Saying("轮班值守", "Shifts at the gate"),
    "G15": Saying("出入证与封闭管理", "Household passes under closure"),
    "G16": Saying("老年人、儿童、孕产妇等特殊人群", "The elderly, children, expectant mothers"),
}


def explain(source: str) -> Saying:
    """What the rows that `source` names ask for (`G2 G12 · 003 §二` names two), empty when it names none."""
    found = [ROWS[row] for row in re.findall(r"\bG\d+\b", source) if row in ROWS]
    return Saying("；".join(row.zh for row in found), "; ".join(row.en for row in found))
