"""A code in a photo that the volunteer uploads: from a resident's phone, when neither camera nor scanner reads it."""

from __future__ import annotations

from werkzeug.datastructures import FileStorage

from kiosk.devices.photo import read_photo
from kiosk.errors import DeviceError
from kiosk.model import Symbol
from web import forms
from web.serving import gate, serving

MOST_BYTES = 10 * 2**20
MOST_FORM_BYTES = MOST_BYTES + 4096  # with the form around it
BUSY_S = 20.0


def code_in(photo: FileStorage | None) -> Symbol:
    """The code in the photo that is meant: a health code beside posters, else the only one.

    Raises Refused, in words for the volunteer, for none, for several, for no picture.
    """
    data = photo.read(MOST_BYTES + 1) if photo else b""
    if not data:
        raise _refused("请选择一张照片", "Choose a photo")
    if len(data) > MOST_BYTES:
        raise _refused("照片超过 10 MB，请缩小后再传", "The photo is larger than 10 MB: please make it smaller")
    symbols = _read(data)
    if not symbols:
        raise _refused("照片里没有读到码：靠近些，对好焦，避开反光", "No code in the photo: closer, in focus, no glare")
    if len(symbols) > 1:
        symbols = tuple(symbol for symbol in symbols if gate().is_health(symbol.text)) or symbols
    if len(symbols) > 1:
        raise _refused("照片里不止一个码，请只拍一个", "More than one code in the photo: please show only one")
    return symbols[0]


def _read(data: bytes) -> tuple[Symbol, ...]:
    """One photo at a time: each takes a process, and a gate has few processors."""
    if not serving().photos.acquire(timeout=BUSY_S):
        raise _refused("正在读另一张照片，请稍后再传", "Another photo is being read: please try again in a moment")
    try:
        return read_photo(data, symbologies=gate().settings.camera.symbologies)
    except DeviceError as error:
        raise _refused("这张照片打不开，请换一张 JPEG 或 PNG 照片", f"This photo cannot be read: {error}") from error
    finally:
        serving().photos.release()


def _refused(zh: str, en: str) -> forms.Refused:
    return forms.Refused.because("photo", zh, en)
