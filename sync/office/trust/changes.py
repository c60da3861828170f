"""What an import would change, before anything is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from kiosk.codes import IssuerKey
from sync.office.trust.found import identity

SOON = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Changes:
    """Keys by what becomes of them. `changed` holds them as they will be; `gone` only ever with `replaces`."""

    new: tuple[IssuerKey, ...] = ()
    changed: tuple[IssuerKey, ...] = ()
    gone: tuple[IssuerKey, ...] = ()
    same: tuple[IssuerKey, ...] = ()

    @property
    def nothing(self) -> bool:
        return not (self.new or self.changed or self.gone)

    def expiring(self, at: datetime) -> tuple[IssuerKey, ...]:
        """Those of the keys that will be in force whose validity has ended at `at`, or ends within 30 days."""
        kept = (*self.new, *self.changed, *self.same)
        return tuple(key for key in kept if key.valid_until is not None and key.valid_until <= at + SOON)

    def __str__(self) -> str:
        counts = {"new": self.new, "changed": self.changed, "gone": self.gone, "same": self.same}
        return ", ".join(f"{word} {len(keys)}" for word, keys in counts.items())


def between(held: Mapping[str, IssuerKey], found: Iterable[IssuerKey], *, replaces: bool) -> Changes:
    """From the keys held of one scheme, by identity, to those `found`, which stay beside the others or replace them."""
    wanted = {identity(key): key for key in found}
    both = [(held[name], key) for name, key in wanted.items() if name in held]
    return Changes(
        new=tuple(key for name, key in wanted.items() if name not in held),
        changed=tuple(key for old, key in both if old != key),
        gone=tuple(key for name, key in held.items() if name not in wanted) if replaces else (),
        same=tuple(key for old, key in both if old == key),
    )
