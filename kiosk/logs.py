"""Logs: one line an event on standard error, nameless, with the time in UTC. JSON when nobody reads along."""

from __future__ import annotations

import logging
import sys
import traceback

import structlog


def configure(level: int = logging.INFO) -> None:
    """Set structlog up for this process. Personal data never reaches it: callers log ids, counts and words only."""
    renderer = (
        structlog.dev.ConsoleRenderer(colors=True) if sys.stderr.isatty() else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def origin(error: BaseException) -> str:
    """The kind of `error` and the lines it came through; not its message, which may quote what somebody entered."""
    return f"{type(error).__name__}\n{''.join(traceback.format_tb(error.__traceback__))}"
