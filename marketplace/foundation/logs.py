"""Structured logs: readable lines on a laptop, JSON in production, the request's id on each; nothing in them that is a
person's own (telephone, e-mail, personal id, secrets of links), whoever wrote the line."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

SECRET_NAMES = {"password", "secret", "token", "cookie", "authorization"}
MASKS = (
    (re.compile(r"(?<![\w.])(?:\+84|84|0)(?:[ .]?\d){6,7}(?=(?:[ .]?\d){3}(?!\w))"), "*******"),
    (re.compile(r"(?<!\w)\d{9}(?=\d{3}(?!\w))"), "*********"),
    (re.compile(r"[\w.+-]+(?=@[\w-]+\.)"), "***"),
    (re.compile(r"(?<=/invitations/)[\w-]+|(?<=/login/links/)[\w-]+|(?<=[?&]key=)[\w-]+"), "***"),
)
"""Telephones and the 12-digit personal id keep their last three digits, an e-mail its domain, a link nothing."""


def configure(log_format: str, level: str) -> None:
    renderer = structlog.processors.JSONRenderer(ensure_ascii=False) if log_format == "json" else None
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            mask_personal,
            renderer or structlog.dev.ConsoleRenderer(colors=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )


def mask_personal(logger: Any, method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """What nobody needs to see to run the market is not written down."""
    for name, value in line.items():
        if name in SECRET_NAMES:
            line[name] = "***"
        elif isinstance(value, str):
            line[name] = masked(value)
        elif isinstance(value, (list, tuple)):
            line[name] = [masked(item) if isinstance(item, str) else item for item in value]
    return line


def masked(text: str) -> str:
    for pattern, instead in MASKS:
        text = pattern.sub(instead, text)
    return text


def report_errors(dsn: str, environment: str) -> None:
    """Bugs are told to Sentry (packages of requirements-scale.txt), without what people typed."""
    try:
        import sentry_sdk
    except ImportError:
        sys.exit("SENTRY_DSN is set, but sentry-sdk is not installed: python3 scripts/environment.py scale")
    sentry_sdk.init(dsn=dsn, environment=environment, send_default_pii=False, max_request_body_size="never")
