"""How the serial of a revoked health card is kept: its 16 bytes in hex, and behind them, where the issuer revoked only
cards from before a moment, that moment as 8 bytes of seconds since 1970."""

from __future__ import annotations

SERIAL_HEX, SECONDS_HEX = 32, 16


def kept(entry: str) -> str:
    """What stands in the table for an entry of the section `revoked`: `49e1…2c@1687450765`, or the serial alone."""
    serial, _, seconds = entry.partition("@")
    return serial + (f"{int(seconds):0{SECONDS_HEX}x}" if seconds else "")


def told(text: str) -> str:
    """The entry of the section for what stands in the table."""
    serial, seconds = text[:SERIAL_HEX], text[SERIAL_HEX:]
    return f"{serial}@{int(seconds, 16)}" if seconds else serial
