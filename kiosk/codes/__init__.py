"""Scanned text → HealthCode. Pure: one file per scheme, one registry; docs/codes.md says what each format holds."""

from kiosk.codes.context import IssuerKey, ReadContext, Revoked, Trust
from kiosk.codes.registry import read

__all__ = ["IssuerKey", "ReadContext", "Revoked", "Trust", "read"]
