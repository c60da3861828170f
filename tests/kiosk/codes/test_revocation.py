from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.codes import Revoked
from kiosk.codes.revocation import BEGINS, ENTRIES_AT, HEADER, HashList, compact
from kiosk.errors import HandDownError

HASHES = st.binary(min_size=16, max_size=16)


def hashed(*names: str) -> list[bytes]:
    return [hashlib.sha256(name.encode()).digest()[:16] for name in names]


@given(st.lists(HASHES))
def test_every_listed_hash_is_hit(listed: list[bytes]) -> None:
    hash_list = HashList(compact("eu-dcc", listed))
    assert all(hash_list.may_contain(digest) for digest in listed)
    assert len(hash_list) == len({digest[:5] for digest in listed})


@given(st.lists(st.binary(min_size=5, max_size=5).map(lambda kept: kept + bytes(11)), max_size=40), HASHES)
def test_only_hashes_that_agree_in_five_bytes_are_hit(listed: list[bytes], other: bytes) -> None:
    hit = HashList(compact("eu-dcc", listed)).may_contain(other)
    assert hit == any(other[:5] == digest[:5] for digest in listed)


def test_what_only_looks_like_an_entry_across_two_of_them_is_not_hit() -> None:
    listed = [bytes.fromhex(kept) + bytes(11) for kept in ("0000aabbcc", "0000ddeeff", "0001112233")]
    hash_list = HashList(compact("eu-dcc", listed))
    for across in ("0000bbccdd", "0000ccddee", "0000112233", "0001ddeeff", "0000eeff11"):
        assert not hash_list.may_contain(bytes.fromhex(across) + bytes(11))


def test_an_entry_after_a_look_alike_is_still_hit() -> None:
    listed = [bytes.fromhex(kept) + bytes(11) for kept in ("00000a0b0c", "00000d0e0f", "00000b0c0d")]
    hash_list = HashList(compact("eu-dcc", listed))
    assert all(hash_list.may_contain(digest) for digest in listed)


def test_a_list_speaks_only_of_its_own_scheme() -> None:
    good, bad = hashed("good", "bad")
    revoked = Revoked({"office-pass": ["AB"]}).with_hashes(HashList(compact("eu-dcc", [bad])))
    assert revoked.may_contain("eu-dcc", [good, bad])
    assert not revoked.may_contain("eu-dcc", [good])
    assert not revoked.may_contain("office-pass", [bad])
    assert revoked.contains("office-pass", "ab")
    assert not Revoked.none().may_contain("eu-dcc", [bad])


def test_a_hash_of_another_length_is_a_mistake_and_no_answer() -> None:
    hash_list = HashList(compact("eu-dcc", hashed("one")))
    for digest in (b"", bytes(8), bytes(32)):
        with pytest.raises(ValueError, match="16"):
            hash_list.may_contain(digest)
        with pytest.raises(ValueError, match="16"):
            compact("eu-dcc", [digest])


@pytest.mark.parametrize("scheme", ["", "EU DCC", "a-name-longer-than-thirty-two-characters", "名"])
def test_a_scheme_whose_name_does_not_fit_is_refused(scheme: str) -> None:
    with pytest.raises(ValueError, match="scheme"):
        compact(scheme, [])


def test_a_damaged_list_is_refused() -> None:
    whole = compact("eu-dcc", hashed("one", "two", "three"))
    backwards = list(BEGINS.unpack_from(whole, HEADER.size))
    backwards[7] = 3
    for damaged in (
        b"",
        whole[: ENTRIES_AT - 1],
        whole[:-1],
        whole + b"\0",
        b"X" + whole[1:],
        whole[:4] + b"\2" + whole[5:],
        whole[:8] + b"EU" + whole[10:],
        whole[: HEADER.size] + BEGINS.pack(*backwards) + whole[ENTRIES_AT:],
    ):
        with pytest.raises(HandDownError, match="revoked hashes"):
            HashList(damaged)
