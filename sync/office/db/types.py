"""Column types, compact on SQLite (BLOB and INTEGER keys), native on PostgreSQL; Python sees one spelling."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Dialect, LargeBinary, Text, false
from sqlalchemy.dialects.postgresql import TIMESTAMP, UUID
from sqlalchemy.types import TypeDecorator, TypeEngine

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


SPELLING = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def is_id(text: str) -> bool:
    """Whether `text` is a UUID as `Id` spells it; what came from outside is asked first."""
    return SPELLING.fullmatch(text) is not None


@lru_cache(maxsize=8192)
def _uuid(text: str) -> uuid.UUID:
    """A batch names the same journal, gate and community in every row."""
    return uuid.UUID(text)


def has_id(column: Any, text: str) -> ColumnElement[bool]:
    """The condition that the id in `column` is `text`; nothing has an id that is none."""
    condition: ColumnElement[bool] = column == text if is_id(text) else false()
    return condition


class Id(TypeDecorator[str]):
    """A UUID, spelled in lower case with hyphens: 16 bytes on SQLite, `uuid` on PostgreSQL."""

    impl = LargeBinary(16)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return UUID(as_uuid=True) if dialect.name == "postgresql" else LargeBinary(16)

    def process_bind_param(self, value: str | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        key = _uuid(value)
        return key if dialect.name == "postgresql" else key.bytes

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        if value is None:
            return None
        return str(value if dialect.name == "postgresql" else uuid.UUID(bytes=value))


class Time(TypeDecorator[datetime]):
    """A UTC time to the millisecond: an integer since 1970 on SQLite, `timestamptz` on PostgreSQL."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return TIMESTAMP(timezone=True) if dialect.name == "postgresql" else BigInteger()

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        since_1970_ms = (value - EPOCH) // MILLISECOND
        return EPOCH + since_1970_ms * MILLISECOND if dialect.name == "postgresql" else since_1970_ms

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        at: datetime = value.astimezone(UTC) if dialect.name == "postgresql" else EPOCH + value * MILLISECOND
        return at


class Hex(TypeDecorator[str]):
    """Bytes that everybody spells in lower-case hexadecimal: digests, seals, hashes, serials."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002
        return None if value is None else bytes.fromhex(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else bytes(value).hex()


class Words(TypeDecorator[str]):
    """Text without NUL, which PostgreSQL cannot hold and nobody means."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return value.replace("\x00", "") if value and "\x00" in value else value
