"""The script that outsiders run: its own Ed25519 and canonical JSON against the libraries that we use."""

from __future__ import annotations

import os
import random
import struct
from typing import Any

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from sync.office.proof import verify as script

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
INTEGER = st.integers(-(2**53) + 1, 2**53 - 1)
PLAIN = st.none() | st.booleans() | INTEGER | st.floats(allow_nan=False, allow_infinity=False) | TEXT
JSON = st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4))
L = 2**252 + 27742317777372353535851937790883648493


@given(JSON)
def test_it_writes_canonical_json_as_the_library_does(value: Any) -> None:
    assert script.canonical(value).encode() == rfc8785.dumps(value)


def test_numbers_of_every_size_are_written_as_the_library_does() -> None:
    chance = random.Random(8785)
    numbers = [struct.unpack("<d", chance.randbytes(8))[0] for _ in range(5000)]
    numbers += [10.0**power for power in range(-30, 30)] + [1.5 * 10.0**power for power in range(-30, 30)]
    numbers += [0.0, -0.0, 5e-324, 1.7976931348623157e308, 36.6, 1e21, 123456789012345680000.0, 333333333.33333329]
    for number in numbers:
        if number == number and abs(number) != float("inf"):
            assert script.canonical(number).encode() == rfc8785.dumps(number)
    for nonsense in (float("nan"), float("inf")):
        with pytest.raises(ValueError, match="not a number"):
            script.canonical(nonsense)


def test_it_accepts_what_ed25519_signed_and_nothing_else() -> None:
    for _ in range(10):
        key, message = Ed25519PrivateKey.generate(), os.urandom(80)
        public, signature = key.public_key().public_bytes_raw(), key.sign(message)
        assert script.ed25519_fits(public, message, signature)
        for place in (0, 20, 33, 63):
            changed = bytearray(signature)
            changed[place] ^= 1
            assert not script.ed25519_fits(public, message, bytes(changed))
        assert not script.ed25519_fits(public, message + b".", signature)
        assert not script.ed25519_fits(Ed25519PrivateKey.generate().public_key().public_bytes_raw(), message, signature)


def test_the_vectors_of_rfc_8032_fit() -> None:
    """Section 7.1, tests 1 and 2."""
    first = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    second = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    empty = (
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24"
        "655141438e7a100b"
    )
    one = (
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aee"
        "b00d291612bb0c00"
    )
    assert script.ed25519_fits(bytes.fromhex(first), b"", bytes.fromhex(empty))
    assert script.ed25519_fits(bytes.fromhex(second), b"\x72", bytes.fromhex(one))


def test_it_takes_no_second_spelling_of_a_signature() -> None:
    key = Ed25519PrivateKey.generate()
    public, signature = key.public_key().public_bytes_raw(), key.sign(b"day")
    more = int.from_bytes(signature[32:], "little") + L
    assert not script.ed25519_fits(public, b"day", signature[:32] + more.to_bytes(32, "little"))
    for short in (b"", signature[:63], signature + b"\x00"):
        assert not script.ed25519_fits(public, b"day", short)
    for no_point in (b"\xff" * 32, (2).to_bytes(32, "little"), b"\x01" + bytes(30) + b"\x80", public[:31]):
        assert not script.ed25519_fits(no_point, b"day", signature)
