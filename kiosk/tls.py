"""The gate's own certificate: browsers give a tablet's page the camera only over HTTPS.

A small certificate authority lives beside the gate (`var/tls/ca.pem`, ten years); it vouches for the kiosk's names and
addresses with a leaf of at most 397 days, the longest that browsers accept, renewed a month before it ends. Tablets
install the authority once. Keys are ECDSA P-256, mode 0600, and never leave `var/tls`.
"""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from kiosk.errors import GatehouseError

CA_LIFE = timedelta(days=3652)
LEAF_LIFE = timedelta(days=397)
RENEW_BEFORE = timedelta(days=30)
_SLACK = timedelta(hours=1)  # a tablet's clock may run behind


@dataclass(frozen=True, slots=True)
class Certificate:
    """Where the files lie: the leaf with its authority behind it, the leaf's key, the authority alone."""

    chain: Path
    key: Path
    ca: Path


@dataclass(frozen=True, slots=True)
class _Authority:
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def certificate(var: Path, names: Sequence[str] = (), *, now: datetime | None = None) -> Certificate:
    """A certificate for this machine's names and addresses and for `names`, made or renewed as needed.

    Renewed when fewer than 30 days are left, when a name is new or when the authority is another. Raises GatehouseError
    where `var/tls` cannot be read or written.
    """
    now = now or datetime.now(UTC)
    folder = var / "tls"
    files = Certificate(folder / "gate.pem", folder / "gate.key", folder / "ca.pem")
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        authority = _authority(files.ca, folder / "ca.key", now)
        wanted = frozenset([*_own_names(), *names])
        if not _serves(files, authority, wanted, now):
            _issue(files, authority, wanted, now)
    except (OSError, ValueError) as error:
        raise GatehouseError(
            f"{folder}: the certificate cannot be read or made ({error}); move that folder away for a new authority"
        ) from error
    return files


def _own_names() -> Iterable[str]:
    """What this machine may be called: loopback, its host name, the address it would reach the network from."""
    yield from ("localhost", "127.0.0.1", "::1", socket.gethostname())
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # documentation address: a datagram socket sends nothing by connecting
            yield probe.getsockname()[0]
        except OSError:
            return


# --- the authority


def _authority(path: Path, key_path: Path, now: datetime) -> _Authority:
    if path.exists() and key_path.exists():
        found = _Authority(x509.load_pem_x509_certificate(path.read_bytes()), _load_key(key_path))
        if now + LEAF_LIFE < found.certificate.not_valid_after_utc:
            return found
    made = _new_authority(now)
    _write(key_path, _key_pem(made.key), 0o600)
    _write(path, made.certificate.public_bytes(serialization.Encoding.PEM), 0o644)
    return made


def _new_authority(now: datetime) -> _Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(f"Gatehouse {socket.gethostname()}")
    usage = _key_usage(signs_certificates=True)
    built = (
        _builder(name, name, key, now, CA_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    return _Authority(built, key)


# --- the leaf


def _serves(files: Certificate, authority: _Authority, wanted: frozenset[str], now: datetime) -> bool:
    """Whether the leaf on disk can go on serving."""
    if not (files.chain.exists() and files.key.exists()):
        return False
    leaf = x509.load_pem_x509_certificates(files.chain.read_bytes())[0]
    try:
        leaf.verify_directly_issued_by(authority.certificate)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return wanted <= _names_of(leaf) and leaf.not_valid_before_utc <= now < leaf.not_valid_after_utc - RENEW_BEFORE


def _issue(files: Certificate, authority: _Authority, wanted: frozenset[str], now: datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    leaf = (
        _builder(_name("Gatehouse"), authority.certificate.subject, key, now, LEAF_LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([_general(name) for name in sorted(wanted)]), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .sign(authority.key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    _write(files.key, _key_pem(key), 0o600)
    _write(files.chain, leaf.public_bytes(pem) + authority.certificate.public_bytes(pem), 0o644)


def _names_of(leaf: x509.Certificate) -> frozenset[str]:
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return frozenset([*names.get_values_for_type(x509.DNSName), *map(str, names.get_values_for_type(x509.IPAddress))])


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


# --- small things


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, life: timedelta
) -> x509.CertificateBuilder:
    start = now - _SLACK
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + life)
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common[:64])])


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _load_key(path: Path) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(path.read_bytes(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError(f"{path.name} is not the key this gate made")
    return key


def _write(path: Path, data: bytes, mode: int) -> None:
    """Whole or not at all, and never readable by others for a moment."""
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(data)
        os.fsync(file.fileno())
    part.replace(path)
