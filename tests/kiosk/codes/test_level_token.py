from __future__ import annotations

from datetime import UTC, datetime

import pytest

from kiosk import codes
from kiosk.codes import ReadContext, level_token
from kiosk.model import Level, Reason, Verification

CONTEXT = ReadContext(datetime(2026, 11, 22, tzinfo=UTC))
ISSUED = datetime(2026, 11, 22, 3, 30, tzinfo=UTC)


@pytest.mark.parametrize("level", [Level.GREEN, Level.YELLOW, Level.RED])
@pytest.mark.parametrize("name", ["", "王芳", "O'Neil"])
@pytest.mark.parametrize("issued_at", [None, ISSUED])
def test_what_is_written_is_read_and_never_verified(level: Level, name: str, issued_at: datetime | None) -> None:
    code = codes.read(level_token.write(level, name, issued_at), CONTEXT)
    assert (code.scheme, code.level, code.holder.name, code.valid_from) == ("level-token", level, name, issued_at)
    assert (code.verification, code.reason) == (Verification.UNVERIFIED, Reason.UNVERIFIABLE)


def test_the_form_is_the_documented_one() -> None:
    assert level_token.write(Level.GREEN) == "GL1:green"
    assert level_token.write(Level.RED, "王芳", ISSUED) == "GL1:red:王芳:20261122T033000Z"


@pytest.mark.parametrize(
    "text",
    [
        "GL1:",
        "GL1:blue",
        "GL1:none",
        "GL1:GREEN",
        "GL1:green:a:",
        "GL1:green:a:20261122",
        "GL1:green:a:20260230T000000Z",
        "GL1:green:a:20261122T033000Z:more",
        "GL1:green:a\n",
        "GL1:green:\ud800",
        "GL1:green:" + "a" * 61,
    ],
)
def test_anything_else_is_malformed(text: str) -> None:
    code = codes.read(text, CONTEXT)
    assert (code.verification, code.reason, code.level) == (Verification.FAILED, Reason.MALFORMED, Level.NONE)


@pytest.mark.parametrize(("level", "name"), [(Level.NONE, ""), (Level.RED, "a:b"), (Level.RED, "\x07")])
def test_what_could_not_be_read_again_is_not_written(level: Level, name: str) -> None:
    with pytest.raises(ValueError, match=r"level|name"):
        level_token.write(level, name)
