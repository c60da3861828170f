"""What may be wrong with a camera's picture, in the words of a screen; `eyesight` finds it."""

from __future__ import annotations

from enum import StrEnum

from kiosk.model import Saying


class Trouble(StrEnum):
    DARK = "dark"
    BLOCKED = "blocked"
    BLURRED = "blurred"
    FLICKER = "flicker"


WORDS = {
    Trouble.DARK: Saying("画面太暗：请开灯，检查镜头盖", "Too dark: switch a light on, look for a lens cap"),
    Trouble.BLOCKED: Saying("镜头被遮挡", "The lens is covered"),
    Trouble.BLURRED: Saying("画面模糊：请擦拭镜头或调焦", "Blurred: wipe the lens or set its focus"),
    Trouble.FLICKER: Saying("灯光频闪：请换灯或设置 50 Hz", "The light flickers: change the lamp or set 50 Hz"),
}
