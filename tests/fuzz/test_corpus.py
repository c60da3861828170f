"""The daily part of fuzzing: everything in the corpus is read once, without instruments."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.model import Verification
from tests.fuzz import fuzz_codes, fuzz_pictures, samples

MOST_BYTES = 200_000


def _files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def test_the_corpus_is_small() -> None:
    assert 0 < sum(path.stat().st_size for path in samples.HERE.rglob("*") if path.is_file()) < MOST_BYTES


@pytest.mark.parametrize("path", _files(samples.CODES), ids=lambda path: path.name)
def test_a_sample_of_a_code_gets_past_every_step(path: Path) -> None:
    code = fuzz_codes.check(path.read_bytes())
    assert code is not None
    proves_nothing = path.name in ("text-level", "text-menu", "text-province-phone", "text-province-paper")
    assert (code.verification is Verification.VERIFIED) is not proves_nothing, code.reason


@pytest.mark.parametrize("path", _files(samples.PICTURES), ids=lambda path: path.name)
def test_a_sample_of_a_picture_is_read_or_refused(path: Path) -> None:
    found = fuzz_pictures.check(path.read_bytes())
    assert [symbol.text for symbol in found] == (["GL1:red:A"] if path.name.startswith("code") else [])


@pytest.mark.parametrize("kind", [*fuzz_codes.WAYS, fuzz_codes.ANSWER, b"?", b""])
@pytest.mark.parametrize("rest", [b"", b"\0", b"\xff\xfe\xfd", b"{", b"[" * 5000, b"\x9f" * 5000, b"0" * 7089])
def test_no_bytes_of_any_kind_are_too_much(kind: bytes, rest: bytes) -> None:
    code = fuzz_codes.check(kind + rest)
    assert code is None or code.verification is not Verification.VERIFIED
