"""Handheld scanners on a serial port (USB CDC, RS-232): bytes become the texts of codes."""

from __future__ import annotations

import termios
import time
from collections.abc import Callable, Iterator

import serial
import structlog

from kiosk.errors import DeviceError

log = structlog.get_logger(__name__)

LINE_ENDS = b"\r\n"
MOST_BYTES = 8192  # a QR code holds at most 7,089 characters
PAUSE_S = 0.15  # ends a text where the scanner sends no suffix
STALE_S = 1.0  # a text without its end for so long is the torn-off piece of one
READ_S = 0.1  # how long one read waits for the first byte
SEPARATORS = "\t\x1c\x1d\x1e\x1f"  # control characters that a code may hold


class ScanFrames:
    """Cuts a scanner's byte stream into texts, however it arrives.

    `suffix` ends a text; "\\r" and "\\n" mean a line end of any kind (CR, LF, CRLF), "" a pause of `pause_s`. `prefix`
    begins one: what comes before it is dropped. `bad` counts what was refused: too long, without its prefix, torn off,
    or noise.

    A text is UTF-8. Bytes that are not are read as GB18030, which scanners sold in China send for Chinese characters;
    two or more of those are practically never UTF-8 by accident, so this order guesses right where the other would not.
    """

    def __init__(self, prefix: str = "", suffix: str = "\r", *, pause_s: float = PAUSE_S) -> None:
        self.bad = 0
        self._prefix = prefix.encode()
        self._suffix = suffix.encode()
        self._pause_s = pause_s
        self._waiting = b""
        self._overlong = False
        self._heard_s = float("-inf")

    def feed(self, data: bytes, at_s: float) -> list[str]:
        """The texts that `data`, heard at `at_s` seconds on any clock, completes; b"" says that nothing was heard."""
        if data:
            self._heard_s = at_s
            self._waiting += data
            lines = list(self._lines())
        else:
            lines = list(self._after_silence(at_s - self._heard_s))
        texts = [self._text(line) for line in lines]
        self._forget_overlong()
        return [text for text in texts if text]

    def clear(self) -> None:
        """Forget a text that has only begun."""
        self._waiting, self._overlong = b"", False

    def _after_silence(self, silence_s: float) -> Iterator[bytes]:
        """Without a suffix the text that a pause ends; with one, what waits longer than any scanner is torn off."""
        if silence_s < (STALE_S if self._suffix else self._pause_s):
            return
        line, given_up = self._waiting, self._overlong
        self.clear()
        if not line or given_up:
            return
        if self._suffix:
            self.bad += 1
        else:
            yield line

    def _lines(self) -> Iterator[bytes]:
        if not self._suffix:
            return
        data = self._waiting
        suffix = self._suffix
        if suffix in (b"\r", b"\n", b"\r\n"):
            data, suffix = data.replace(b"\n", b"\r"), b"\r"
        *lines, self._waiting = data.split(suffix)
        for line in lines:
            if self._overlong:  # the end of what was given up
                self._overlong = False
            else:
                yield line

    def _forget_overlong(self) -> None:
        if len(self._waiting) > MOST_BYTES:
            self.bad += not self._overlong
            self._waiting, self._overlong = b"", True

    def _text(self, line: bytes) -> str:
        """The text of one line, "" for an empty one and for one that is refused."""
        if not line.strip(LINE_ENDS + b" \t\0"):
            return ""
        _, begun, rest = line.rpartition(self._prefix) if self._prefix else (b"", b"", line)
        text = _decoded(rest).strip(" \t\r\n") if begun == self._prefix else ""
        if len(rest) > MOST_BYTES or not all(char.isprintable() or char in SEPARATORS for char in text):
            text = ""
        self.bad += not text
        return text


class SerialScanner:
    """A handheld scanner on `port`, 8N1. Opens the port when first read, and again after a fault."""

    def __init__(
        self, port: str, baud: int, frames: ScanFrames, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self.frames = frames
        self._port = port
        self._baud = baud
        self._monotonic = monotonic
        self._line: serial.Serial | None = None

    def read(self) -> list[str]:
        """The texts scanned meanwhile, after at most a tenth of a second.

        Raises DeviceError when the port does not open or is gone. What was scanned while nobody listened is dropped:
        it belongs to somebody who has passed.
        """
        try:
            line = self._opened()
            data = bytes(line.read(1))
            data += bytes(line.read(line.in_waiting))
        except (OSError, termios.error) as error:  # serial.SerialException is an OSError; a hung-up line may be either
            self.close()
            raise DeviceError(
                f"scanner: {self._port} cannot be read ({_why(error)}); plugged in, and set to a serial (COM) port?"
                " this user in group dialout?"
            ) from error
        return self.frames.feed(data, self._monotonic())

    def close(self) -> None:
        self.frames.clear()
        if self._line:
            self._line.close()
            self._line = None

    def _opened(self) -> serial.Serial:
        if self._line is None:
            self._line = serial.Serial(self._port, self._baud, timeout=READ_S, exclusive=True)
            self._line.reset_input_buffer()
            log.info("scanner", opened=self._port, baud=self._baud)
        return self._line


def _decoded(data: bytes) -> str:
    for alphabet in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(alphabet)
        except UnicodeDecodeError:
            continue
    return ""


def _why(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
