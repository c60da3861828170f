"""Keyboards for the browser's tests: hands, scanners and an input method, each at its own exact speed.

The keys carry the times at which they are said to be struck, so that a busy machine makes no scanner slow. Where the
page waits for something to be over, `PageTime` says when it is.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page, Request

SCANNER_MS = 12
HAND_MS = 110
PAUSE_MS = 260  # after so long without a key a scan without a suffix is over
SHIFT = 8  # in the protocol's modifiers

_SHIFTED_DIGITS = ")!@#$%^&*("
_PLACES = {":": "Semicolon", "-": "Minus", " ": "Space", ".": "Period", "/": "Slash", "~": "Backquote"}
_PLACES |= {"{": "BracketLeft", "}": "BracketRight"}
_SHIFTED = set(_SHIFTED_DIGITS + ":~{}")
_NAMED = {"Enter": ("\r", 13), "Tab": ("", 9)}


class Keys:
    """What is struck on a page's keyboard, in order; `at_s` is when the last key was."""

    def __init__(self, page: Page) -> None:
        self._line = page.context.new_cdp_session(page)
        self._at_s = time.time()
        self._composed = ""

    def scan(self, text: str, end: str = "Enter") -> None:
        """A handheld scanner: keys without a pause, then its suffix."""
        self._at_s += 1
        self.strike(*text, *([end] if end else []), gap_ms=SCANNER_MS)

    def write(self, text: str) -> None:
        """Somebody's hands, and fast ones."""
        self._at_s += 1
        self.strike(*text, gap_ms=HAND_MS)

    def hold(self, char: str, times: int) -> None:
        """A key held down, which repeats faster than a scanner types."""
        for repeat in range(times):
            self._at_s += SCANNER_MS / 1000
            self._send("keyDown", key=char, code=place(char), text=char, autoRepeat=repeat > 0)
        self._send("keyUp", key=char, code=place(char))

    def strike(self, *keys: str, gap_ms: float) -> None:
        for key in keys:
            self._at_s += gap_ms / 1000
            text, number = _NAMED.get(key, (key, 0))
            code = key if key in _NAMED else place(key)
            shift = SHIFT if key in _SHIFTED or (len(key) == 1 and key.isupper()) else 0
            down = {"key": key, "code": code, "modifiers": shift, "windowsVirtualKeyCode": number or _virtual(key)}
            self._send("keyDown" if text else "rawKeyDown", **down, **({"text": text} if text else {}))
            self._send("keyUp", **down)

    def scan_through_input_method(self, text: str) -> None:
        """A scanner while a Chinese input method is on: the page hears of keys 229 and of letters being composed; Enter
        writes the letters as they are."""
        self._at_s += 1
        for char in text:
            self._process(place(char), shift=char in _SHIFTED or char.isupper())
            self._composed += char.lower()
            length = len(self._composed)
            words = {"text": self._composed, "selectionStart": length, "selectionEnd": length}
            self._line.send("Input.imeSetComposition", words)
        self._process("Enter", shift=False)
        self._line.send("Input.insertText", {"text": self._composed})
        self._composed = ""

    def _process(self, code: str, *, shift: bool) -> None:
        self._at_s += SCANNER_MS / 1000
        down = {"windowsVirtualKeyCode": 229, "key": "Process", "code": code, "modifiers": SHIFT if shift else 0}
        self._send("rawKeyDown", **down)
        self._send("keyUp", **down)

    def _send(self, kind: str, **event: object) -> None:
        self._line.send("Input.dispatchKeyEvent", {"type": kind, "timestamp": self._at_s, **event})


_TAKE_TIME = """() => {
  const waiting = new Map();
  let [now, last] = [performance.now(), 0];
  performance.now = () => now;
  window.setTimeout = (act, ms = 0) => (waiting.set((last += 1), { act, at: now + ms }), last);
  window.clearTimeout = (number) => waiting.delete(number);
  window.passes = (until, stands) => {
    if (stands) now = until;
    const first = () => [...waiting].sort(([, one], [, other]) => one.at - other.at)[0];
    for (let next = first(); next && next[1].at <= until; next = first()) {
      waiting.delete(next[0]);
      now = Math.max(now, next[1].at);
      next[1].act();
    }
    now = until;
  };
}"""


class PageTime:
    """The time of a page as its time-outs know it, from now on in the test's hands; the keys keep their own times."""

    def __init__(self, page: Page) -> None:
        self._page = page
        page.evaluate(_TAKE_TIME)

    def passes(self, ms: float) -> None:
        """Every time-out comes when it is due."""
        self._page.evaluate("(ms) => passes(performance.now() + ms, false)", ms)

    def stands(self, ms: float) -> None:
        """The page is at other work for so long: what was due comes afterwards."""
        self._page.evaluate("(ms) => passes(performance.now() + ms, true)", ms)


_HOLD_ANSWERS = """() => {
  const ask = window.fetch;
  const held = [];
  window.fetch = async (...what) => {
    const answer = await ask(...what);
    await new Promise((go) => held.push(go));
    return answer;
  };
  window.answersCome = () => new Promise((done) => (held.forEach((go) => go()), setTimeout(done)));
}"""


@contextmanager
def answers_held(page: Page) -> Iterator[None]:
    """What the page sends reaches the gate, and its stream goes on; the answers come only afterwards."""
    page.evaluate(_HOLD_ANSWERS)
    yield
    page.evaluate("answersCome()")


@contextmanager
def calls(page: Page, path: str) -> Iterator[list[str]]:
    """The addresses with `path` in them that a page asks for meanwhile."""
    heard: list[str] = []

    def hear(request: Request) -> None:
        if path in request.url:
            heard.append(request.url)

    page.on("request", hear)
    yield heard
    page.remove_listener("request", hear)


def place(char: str) -> str:
    """Where a character stands on a US keyboard (the browser's `code`)."""
    if char.isalpha() and char.isascii():
        return f"Key{char.upper()}"
    if char in _SHIFTED_DIGITS:
        return f"Digit{_SHIFTED_DIGITS.index(char)}"
    return f"Digit{char}" if char.isdigit() else _PLACES.get(char, "")


def _virtual(char: str) -> int:
    return ord(char.upper()) if char.isascii() and (char.isalnum() or char == " ") else 0
