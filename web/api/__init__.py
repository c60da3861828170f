"""What gates call: the office's end of sync/protocol.py over HTTP."""

from web.api.views import create_api

__all__ = ["create_api"]
