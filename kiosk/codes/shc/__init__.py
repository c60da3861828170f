"""SMART Health Cards `shc:/`: signed FHIR in one symbol or several. docs/codes.md says what is taken."""

from kiosk.codes.shc.card import NAME, SCHEME, read, read_jws, serial
from kiosk.codes.shc.issuing import issue, kid_of
from kiosk.codes.shc.numeric import write
from kiosk.codes.shc.revoking import serials

__all__ = ["NAME", "SCHEME", "issue", "kid_of", "read", "read_jws", "serial", "serials", "write"]
