"""Files → issuer keys. One file that is not what it should be refuses them all: nothing is half imported."""

from __future__ import annotations

from collections.abc import Sequence

from sync.office.errors import Refused
from sync.office.trust import did, jwks, signers
from sync.office.trust.files import File, Unreadable, refused
from sync.office.trust.found import DCC, NZCP, SCHEMES, SHC, Found, Wish, joined


def read(files: Sequence[File], wish: Wish) -> Found:
    """Every key in `files`. Raises Refused that names what is wrong in which file."""
    if wish.scheme not in SCHEMES:
        raise Refused(f"scheme {wish.scheme!r}: keys are imported for {', '.join(SCHEMES)}")
    if not files:
        raise Refused("no file to import")
    faults, parts = [], []
    for file in files:
        try:
            parts.append(_found(file, wish))
        except Unreadable as error:
            faults.append(f"{file.name}: {error}")
    if faults:
        raise refused(faults)
    found = joined(parts)
    if not found.keys:
        raise refused(found.problems or ["no key in these files"])
    return found


def _found(file: File, wish: Wish) -> Found:
    if not file.content.strip():
        raise Unreadable("is empty")
    readers = {
        DCC: lambda: signers.read(file, wish.signed_by),
        SHC: lambda: jwks.read(file.content, file.name, wish.issuer),
        NZCP: lambda: did.read(file.content),
    }
    return readers[wish.scheme]()
