"""What issuers publish, and what is no such thing, becomes keys or a clear refusal."""

from __future__ import annotations

import hashlib
import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.office.errors import Refused
from sync.office.trust import files, found, reading
from sync.office.trust.files import File
from sync.office.trust.found import DCC, NZCP, SCHEMES, SHC, Found, Wish
from tests.sync.office.trust import issuing
from tests.sync.office.trust.issuing import CARDS, DID, NOON, VACCINATION

KEY, OTHER, GATEWAY = (issuing.new_key() for _ in range(3))


def read(content: bytes, scheme: str, *, name: str = "file", issuer: str = "", signed_by: bytes | None = None) -> Found:
    wish = Wish(scheme, issuer, None if signed_by is None else File("gateway.pem", signed_by))
    return reading.read([File(name, content)], wish)


def test_a_signers_certificate_says_kid_country_validity_and_usage() -> None:
    der = issuing.certificate(KEY)
    (key,) = read(der, DCC).keys
    assert key.kid == hashlib.sha256(der).digest()[:8]
    assert (key.scheme, key.alg, key.issuer, key.usage) == (DCC, "ES256", "AT", frozenset({VACCINATION}))
    assert (key.valid_from, key.valid_until) == (NOON - timedelta(days=1), NOON + timedelta(days=400))
    assert key.key == KEY.public_key()


def test_one_pem_file_may_hold_many_certificates() -> None:
    ders = [issuing.certificate(key, country) for key, country in ((KEY, "AT"), (OTHER, "DE"))]
    assert [key.issuer for key in read(b"# signers\n" + issuing.pem(*ders), DCC).keys] == ["AT", "DE"]


def test_a_key_that_nothing_can_verify_with_is_left_out_and_named() -> None:
    odd = issuing.certificate(ec.generate_private_key(ec.SECP521R1()))
    result = read(issuing.pem(odd, issuing.certificate(KEY)), DCC)
    assert len(result.keys) == 1
    assert "certificate 1" in result.problems[0]


def test_a_certificate_given_twice_counts_once() -> None:
    der = issuing.certificate(KEY)
    assert len(read(issuing.pem(der, der), DCC).keys) == 1


@pytest.mark.parametrize("in_der", [False, True])
def test_a_list_that_its_gateway_signed_is_taken(in_der: bool) -> None:
    der = issuing.certificate(KEY)
    content = issuing.signed_list([issuing.listed(der, country="DE")], GATEWAY, der=in_der)
    for vouching in (issuing.spki(GATEWAY), issuing.certificate(GATEWAY)):
        (key,) = read(content, DCC, signed_by=vouching).keys
        assert (key.kid, key.issuer) == (hashlib.sha256(der).digest()[:8], "DE")


def test_what_a_list_holds_beside_signers_is_passed_over_and_what_cannot_be_used_is_named() -> None:
    der = issuing.certificate(KEY)
    entries: list[Any] = [
        issuing.listed(der),
        issuing.listed(issuing.certificate(OTHER), certificateType="CSCA"),
        issuing.listed(der, rawData="AAAA"),
        issuing.listed(der, kid="***"),
        issuing.listed(der, country="Austria"),
        "nonsense",
    ]
    result = read(issuing.signed_list(entries, GATEWAY), DCC, signed_by=issuing.spki(GATEWAY))
    assert len(result.keys) == 1
    assert [problem.partition(":")[0] for problem in result.problems] == [f"certificates[{n}]" for n in (2, 3, 4, 5)]


def a_list() -> bytes:
    return issuing.signed_list([issuing.listed(issuing.certificate(KEY))], GATEWAY)


@pytest.mark.parametrize(
    ("content", "vouching", "said"),
    [
        (a_list(), None, "--signed-by"),
        (a_list(), issuing.spki(OTHER), "does not fit"),
        (a_list().replace(b'"AT"', b'"DE"'), issuing.spki(GATEWAY), "does not fit"),
        (b"A" * 88 + a_list()[88:], issuing.spki(GATEWAY), "does not fit"),
        (a_list().partition(b"\n")[2], issuing.spki(GATEWAY), "without its signature"),
        (a_list(), b"no key", "no certificate or public key"),
        (a_list(), issuing.spki(GATEWAY) * 2, "one certificate or public key"),
    ],
)
def test_a_list_that_nobody_vouches_for_is_refused(content: bytes, vouching: bytes | None, said: str) -> None:
    with pytest.raises(Refused, match=said):
        read(content, DCC, signed_by=vouching)


def test_a_card_issuers_set_gives_its_keys_by_thumbprint() -> None:
    (key,) = read(issuing.jwks(issuing.card_key(KEY)), SHC, issuer=CARDS).keys
    assert key.kid.decode() == issuing.card_key(KEY)["kid"]
    assert (key.issuer, key.alg, key.valid_until) == (CARDS, "ES256", None)


@pytest.mark.parametrize(
    ("name", "members", "given_issuer"),
    [
        ("jwks.json", {}, CARDS),
        ("jwks.json", {}, CARDS + "/.well-known/jwks.json"),
        ("jwks.json", {"issuer": CARDS}, ""),
        ("jwks.json", {"url": CARDS}, ""),
        ("https%3A%2F%2Fcards.example%2Fissuer.json", {}, ""),
    ],
)
def test_whose_set_it_is_may_be_said_in_several_ways(name: str, members: dict[str, str], given_issuer: str) -> None:
    content = issuing.jwks(issuing.card_key(KEY), **members)
    assert read(content, SHC, name=name, issuer=given_issuer).keys[0].issuer == CARDS


@pytest.mark.parametrize(
    "issuer",
    [
        "",
        "http://cards.example",
        "https://cards.example/",
        "https://",
        "https://cards.example?a=1",
        "https://a:b@cards.example",
        "https://[",
        "https://" + "a" * 300,
    ],
)
def test_an_issuer_that_no_card_could_name_is_refused(issuer: str) -> None:
    with pytest.raises(Refused, match="issuer"):
        read(issuing.jwks(issuing.card_key(KEY)), SHC, issuer=issuer)


def test_a_directorys_snapshot_gives_every_issuers_keys() -> None:
    info = [
        {"issuer": {"iss": CARDS, "name": "Cards"}, "keys": [issuing.card_key(KEY)]},
        {"issuer": {"iss": "https://other.example", "name": "Other"}, "keys": [issuing.card_key(OTHER)]},
        {"issuer": {"iss": "ftp://wrong.example"}, "keys": [issuing.card_key(OTHER)]},
        {"keys": []},
    ]
    result = read(json.dumps({"issuerInfo": info}).encode(), SHC)
    assert [key.issuer for key in result.keys] == [CARDS, "https://other.example"]
    assert [problem.partition(":")[0] for problem in result.problems] == ["issuerInfo[2]", "issuerInfo[3]"]


@pytest.mark.parametrize(
    ("item", "said"),
    [
        ({"use": "enc"}, "something else"),
        ({"alg": "ES384"}, "something else"),
        ({"kid": "my key"}, "thumbprint"),
        ({"d": "c2VjcmV0"}, "private key"),
        ({"crv": "P-384"}, "curve"),
        ({"x": "AAAA"}, "curve"),
    ],
)
def test_a_key_no_card_may_be_signed_with_is_left_out(item: dict[str, str], said: str) -> None:
    result = read(issuing.jwks(issuing.card_key(KEY, **item), 7, issuing.card_key(OTHER)), SHC, issuer=CARDS)
    assert len(result.keys) == 1
    assert said in result.problems[0]
    assert "c2VjcmV0" not in result.problems[0]
    assert result.problems[1].startswith("keys[1]")


def test_of_a_did_document_only_the_keys_for_assertions_count() -> None:
    content = issuing.did(issuing.method(KEY), issuing.method(OTHER, "key-2"))
    (key,) = read(content, NZCP).keys
    assert (key.kid, key.issuer, key.key) == (b"key-1", DID, KEY.public_key())


def test_a_method_may_stand_in_the_list_itself_or_be_named_shortly() -> None:
    embedded = issuing.did(issuing.method(KEY), assertionMethod=[issuing.method(OTHER, "key-2"), "#key-1"])
    assert [key.kid for key in read(embedded, NZCP).keys] == [b"key-2", b"key-1"]


@pytest.mark.parametrize(
    "document",
    [
        issuing.did(issuing.method(KEY), assertionMethod=[f"{DID}#key-9"]),
        issuing.did(issuing.method(KEY), assertionMethod=["did:web:elsewhere.example#key-1"]),
        issuing.did(issuing.method(KEY, controller="did:web:elsewhere.example")),
        issuing.did(issuing.method(KEY, id="did:web:elsewhere.example#key-1")),
        issuing.did(issuing.method(KEY, type="Ed25519VerificationKey2018")),
        issuing.did(issuing.method(KEY, publicKeyJwk="#key-1")),
        issuing.did(issuing.method(KEY, publicKeyJwk={"kty": "oct", "k": "AA"})),
        issuing.did(issuing.method(KEY), assertionMethod=[]),
        issuing.did({"id": f"{DID}#key-1", "verificationMethod": [f"{DID}#key-1"]}, assertionMethod=[f"{DID}#key-1"]),
        b'{"id": "did:web:passes.example"}',
        b'{"id": "https://passes.example", "assertionMethod": []}',
    ],
)
def test_a_did_document_without_a_usable_key_is_refused(document: bytes) -> None:
    with pytest.raises(Refused, match="nothing was changed"):
        read(document, NZCP)


HOSTILE = {
    "empty": b"",
    "blank": b" \n",
    "text": b"hello",
    "binary": bytes(range(256)) * 40,
    "deep": b"[" * 100_000,
    "deep objects": b'{"keys":' * 50_000,
    "a list": b"[]",
    "a number": b'{"keys": 1}',
    "huge number": b'{"keys": [' + b"9" * 5000 + b"]}",
    "half a certificate": issuing.certificate(KEY)[:200],
    "half a PEM": b"-----BEGIN CERTIFICATE-----\nAAAA",
    "PEM of rubbish": b"-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n",
    "private key": KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
}


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("kind", HOSTILE)
def test_a_file_that_is_something_else_is_refused_by_name(scheme: str, kind: str) -> None:
    with pytest.raises(Refused, match="nothing was changed:\nodd"):
        read(HOSTILE[kind], scheme, name="odd", issuer=CARDS)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(SCHEMES))
def test_any_bytes_are_keys_or_refused(content: bytes, scheme: str) -> None:
    with pytest.raises(Refused):
        read(content, scheme, issuer=CARDS, signed_by=issuing.spki(GATEWAY))


def test_one_wrong_file_refuses_them_all_and_every_wrong_one_is_named() -> None:
    files = [File("a.der", issuing.certificate(KEY)), File("b.txt", b"no"), File("c.txt", b"neither")]
    with pytest.raises(Refused) as caught:
        reading.read(files, Wish(DCC))
    assert "b.txt: " in str(caught.value)
    assert "c.txt: " in str(caught.value)
    assert "a.der" not in str(caught.value)


def test_more_keys_than_any_list_has_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(found, "MAX_KEYS", 1)
    with pytest.raises(Refused, match="more than 1 "):
        read(issuing.pem(issuing.certificate(KEY), issuing.certificate(OTHER)), DCC)


def test_keys_of_other_schemes_are_not_imported() -> None:
    with pytest.raises(Refused, match="office-pass"):
        read(issuing.certificate(KEY), "office-pass")


def test_a_folder_is_read_with_all_below_it_and_without_what_is_hidden(tmp_path: Path) -> None:
    for name in ("AT/one.der", "DE/two.pem", ".git/config", "AT/.DS_Store"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "loop").symlink_to(tmp_path)
    assert [file.name for file in files.gather([tmp_path])] == ["one.der", "two.pem"]


def test_a_path_that_cannot_be_read_or_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "nothing", tmp_path / "pipe"):
        with pytest.raises(Refused, match=str(path)):
            files.gather([path])


def test_a_file_or_a_folder_too_large_to_be_a_list_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_bytes(bytes(100))
    (tmp_path / "b").write_bytes(bytes(100))
    monkeypatch.setattr(files, "MAX_FILE_BYTES", 99)
    with pytest.raises(Refused, match="larger"):
        files.gather([tmp_path])
    monkeypatch.setattr(files, "MAX_FILE_BYTES", 100)
    monkeypatch.setattr(files, "MAX_FILES", 1)
    with pytest.raises(Refused, match="right folder"):
        files.gather([tmp_path])


def test_an_rsa_signer_is_taken() -> None:
    key = rsa.generate_private_key(65537, 2048)
    (signer,) = read(issuing.certificate(key, usage=()), DCC).keys
    assert (signer.alg, signer.usage) == ("PS256", frozenset())
