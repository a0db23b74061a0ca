"""Structured logs: readable lines on a laptop, JSON in production, the request's id on each."""

import logging
import sys

import structlog


def configure(log_format: str, level: str) -> None:
    renderer = structlog.processors.JSONRenderer(ensure_ascii=False) if log_format == "json" else None
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            renderer or structlog.dev.ConsoleRenderer(colors=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
