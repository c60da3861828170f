"""What people hold up: a phone with a code on its screen, a pass on paper, one cut out of a printed sheet."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from kiosk.errors import ConfigError
from kiosk.film import hands, symbols
from kiosk.film.casting import Role
from kiosk.film.lettering import write
from kiosk.film.picture import BLACK, WHITE, Picture, Shade, blank, lay, rounded, soften
from kiosk.model import Colour, mask_name

WIDTH, HEIGHT = 900, 1500  # of a prop's picture, the arm below included
_GREY: Shade = (120, 120, 120)
_BLUE: Shade = (170, 95, 30)
_INK: Shade = (60, 40, 30)
_RED_INK: Shade = (60, 50, 200)


@dataclass(frozen=True, slots=True)
class Prop:
    """A picture with alpha, and the middle (x, y) of what is held up in it."""

    picture: Picture
    middle: tuple[int, int]


_WORDS = {
    Colour.GREEN: "绿码  GREEN",
    Colour.YELLOW: "黄码  YELLOW",
    Colour.RED: "红码  RED",
}


_HEADS = {
    "level": ("健康码", "Health Code"),
    "text": ("扫一扫", "Scan me"),
    "eu-certificate": ("欧盟数字证明", "EU Digital COVID Certificate"),
    "health-card": ("健康卡", "SMART Health Card"),
    "province": ("测试省健康码", "Test Province Health Code"),
}  # title and what stands below it; of a pass that is its office
_COLOURED = ("level", "province")


def make(role: Role, issuer: str, rng: np.random.Generator) -> tuple[Prop, ...]:
    """What this person holds up in a hand of their own, one symbol after the other."""
    hand = hands.Hand.of(rng)
    if role.person.picture:
        return (_printed(role.person.picture, hand),)
    draw = _paper if role.person.on == "paper" else _phone
    return tuple(draw(role, number, issuer, hand) for number in range(len(role.symbols)))


def _printed(path: Path, hand: hands.Hand) -> Prop:
    """The card as it was cut out of its sheet. Raises ConfigError for what is no picture."""
    card = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if card is None:
        raise ConfigError([f"{path}: no picture"])
    width = WIDTH - 40
    card = cv2.resize(card, (width, card.shape[0] * width // card.shape[1]), interpolation=cv2.INTER_AREA)
    picture = blank(WIDTH, HEIGHT)
    left, top, right, bottom = 20, 240, 20 + width, 240 + card.shape[0]
    hands.behind_paper(picture, hand, (left, top, right, bottom))
    _shadowed(picture, (left, top), (right, bottom), 4)
    _inset(picture, card, (left, top), 3)
    hands.around_paper(picture, hand, (left, top, right, bottom))
    return Prop(picture, ((left + right) // 2, (top + bottom) // 2))


def _phone(role: Role, number: int, issuer: str, hand: hands.Hand) -> Prop:
    picture = blank(WIDTH, HEIGHT)
    left, top, right, bottom = 215, 40, 685, 990
    hands.behind_phone(picture, hand, (left, top, right, bottom))
    _shadowed(picture, (left, top), (right, bottom), 58)
    rounded(picture, (left, top), (right, bottom), 56, (38, 36, 34))
    rounded(picture, (left + 5, top + 5), (right - 5, bottom - 5), 52, (14, 13, 12))
    screen = _screen(role, number, issuer, right - left - 36, bottom - top - 36)
    _inset(picture, screen, (left + 18, top + 18), 40)
    _glare(picture, (left, top, right, bottom))
    hands.around_phone(picture, hand, (left, top, right, bottom))
    return Prop(picture, ((left + right) // 2, (top + bottom) // 2))


def _screen(role: Role, number: int, issuer: str, width: int, height: int) -> Picture:
    """The page on the phone: a coloured head, the symbol on a white card, words below."""
    tint = symbols.MODULES[role.person.modules] if role.person.show in _COLOURED else _BLUE
    screen = np.full((height, width, 3), (244, 242, 240), np.uint8)
    screen[:290] = tint
    write(screen, "08:30", (26, 10), 26, WHITE)
    rounded(screen, (width - 70, 16), (width - 28, 34), 5, WHITE)
    write(screen, _title(role), (width // 2, 52), 52, WHITE, middle=True)
    write(screen, _subtitle(role, issuer), (width // 2, 114), 26, WHITE, middle=True)
    rounded(screen, (14, 158), (width - 14, height - 120), 22, WHITE)
    write(screen, _caption(role), (width // 2, 174), 40, BLACK, middle=True)
    side = width - 40
    screen[226 : 226 + side, 20 : 20 + side] = symbols.draw(role.symbols[number], side, role.person.modules)
    _below(screen, role, number, 226 + side)
    write(screen, "演示 DEMO", (width // 2, height - 84), 28, _GREY, middle=True)
    rounded(screen, (width // 2 - 70, height - 20), (width // 2 + 70, height - 13), 3, BLACK)
    return screen


def _title(role: Role) -> str:
    return _HEADS.get(role.person.show, ("社区出入证", ""))[0]


def _subtitle(role: Role, issuer: str) -> str:
    return _HEADS.get(role.person.show, ("", issuer))[1]


def _caption(role: Role) -> str:
    """The holder as a screen shows them, masked."""
    return mask_name(role.person.name) or "二维码"


def _below(screen: Picture, role: Role, number: int, top: int) -> None:
    middle = screen.shape[1] // 2
    if len(role.symbols) > 1:
        part, of = (role.person.order[number], len(role.symbols))
        write(screen, f"第{part}部分 共{of}部分  {part} of {of}", (middle, top + 16), 36, BLACK, middle=True)
    elif role.person.show in _COLOURED:
        write(screen, _WORDS.get(role.person.modules, ""), (middle, top + 8), 48, (70, 70, 70), middle=True)
        write(screen, "请出示给门岗人员查验", (middle, top + 62), 24, _GREY, middle=True)
    elif role.valid_until:
        write(screen, _household(role), (middle, top + 8), 34, BLACK, middle=True)
        write(screen, f"有效期至 {role.valid_until:%Y-%m-%d}", (middle, top + 52), 28, _GREY, middle=True)


def _household(role: Role) -> str:
    return role.person.household or "访客 Visitor"


def _paper(role: Role, number: int, issuer: str, hand: hands.Hand) -> Prop:
    picture = blank(WIDTH, HEIGHT)
    left, top, right, bottom = 150, 60, 750, 900
    hands.behind_paper(picture, hand, (left, top, right, bottom))
    _shadowed(picture, (left, top), (right, bottom), 6)
    page = _page(role, number, issuer, right - left, bottom - top)
    _inset(picture, page, (left, top), 5)
    hands.around_paper(picture, hand, (left, top, right, bottom))
    return Prop(picture, ((left + right) // 2, (top + bottom) // 2))


def _page(role: Role, number: int, issuer: str, width: int, height: int) -> Picture:
    """The printed pass: a frame, the title, the symbol, the holder, the office's seal."""
    page = np.full((height, width, 3), (241, 246, 248), np.uint8)
    cv2.rectangle(page, (16, 16), (width - 16, height - 16), _RED_INK, 3, cv2.LINE_AA)
    cv2.rectangle(page, (24, 24), (width - 24, height - 24), _RED_INK, 1, cv2.LINE_AA)
    write(page, _title(role), (width // 2, 40), 62, _RED_INK, middle=True)
    write(page, _subtitle(role, issuer), (width // 2, 106), 28, _INK, middle=True)
    side = 480
    page[142 : 142 + side, 60 : 60 + side] = symbols.draw(role.symbols[number], side, role.person.modules)
    last4 = f"  证件尾号 {role.person.id_last4}" if role.person.id_last4 else ""
    write(page, f"姓名 {role.person.name}{last4}", (60, 632), 36, _INK)
    if role.valid_until:
        write(page, f"住址 {_household(role)}", (60, 678), 36, _INK)
        write(page, f"有效期至 {role.valid_until:%Y-%m-%d}", (60, 724), 36, _INK)
    _stamp(page, (width - 120, height - 120))
    return page


def _stamp(page: Picture, middle: tuple[int, int]) -> None:
    """A round red seal with a star, as on every paper of an office."""
    mark = np.zeros((*page.shape[:2], 4), np.uint8)
    cv2.circle(mark, middle, 72, (*_RED_INK, 200), 5, cv2.LINE_AA)
    points = [(middle[0] + r * np.sin(a), middle[1] - r * np.cos(a)) for a, r in _star(24)]
    cv2.fillPoly(mark, [np.array(points).round().astype(np.int32)], (*_RED_INK, 200), cv2.LINE_AA)
    lay(mark, page)
    write(page, "演示专用", (middle[0], middle[1] + 32), 22, _RED_INK, middle=True)


def _star(radius: float) -> list[tuple[float, float]]:
    """The ten (angle, radius) corners of a five-pointed star."""
    return [(number * np.pi / 5, radius if number % 2 == 0 else radius * 0.382) for number in range(10)]


def _inset(picture: Picture, part: Picture, at: tuple[int, int], radius: int) -> None:
    """Lay `part` into `picture` at the left top corner `at`, with round corners."""
    mask = blank(part.shape[1], part.shape[0])
    rounded(mask, (0, 0), (part.shape[1] - 1, part.shape[0] - 1), radius, WHITE)
    place = picture[at[1] : at[1] + part.shape[0], at[0] : at[0] + part.shape[1]]
    lay(np.dstack([part, mask[..., 3]]), place)


def _shadowed(picture: Picture, left_top: tuple[int, int], right_bottom: tuple[int, int], radius: int) -> None:
    """A soft shadow around what is going to be laid there, on the hand behind it."""
    shadow = blank(picture.shape[1], picture.shape[0])
    rounded(shadow, (left_top[0] + 8, left_top[1] + 14), (right_bottom[0] + 8, right_bottom[1] + 14), radius, BLACK)
    shadow[..., :3] = BLACK
    shadow[..., 3] = cv2.GaussianBlur(shadow[..., 3], (0, 0), 14) // 3
    lay(shadow, picture)


def _glare(picture: Picture, box: tuple[int, int, int, int]) -> None:
    """The sky's faint reflection across the glass."""
    left, top, right, bottom = box
    glass = blank(picture.shape[1], picture.shape[0])
    corners = np.array([(left + 40, top + 18), (left + 190, top + 18), (left + 18, top + 420), (left + 18, top + 120)])
    cv2.fillPoly(glass, [corners.astype(np.int32)], (255, 255, 255, 255), cv2.LINE_AA)
    glass = soften(glass, 6)
    glass[..., 3] = glass[..., 3] // 12
    inside = picture[top:bottom, left:right]
    lay(glass[top:bottom, left:right], inside)
