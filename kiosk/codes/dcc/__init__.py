"""The EU Digital COVID Certificate, `HC1:` (eHealth Network, Technical Specifications for EU DCC, volumes 1 to 5)."""

from kiosk.codes.dcc.genuine import NAME
from kiosk.codes.dcc.issuing import issue
from kiosk.codes.dcc.reading import PREFIX, SCHEME, read

__all__ = ["NAME", "PREFIX", "SCHEME", "issue", "read"]
