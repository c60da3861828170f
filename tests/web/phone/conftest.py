"""The office whose passes phones open is that of its screens."""

from tests.web.office.conftest import app, clock, made, stranger, world

__all__ = ["app", "clock", "made", "stranger", "world"]
