"""Logs: lines of text or of JSON, each with the request that it is about. No key is ever in one."""

import logging
from contextvars import ContextVar
from typing import Literal

from pythonjsonlogger.json import JsonFormatter

from service.tracing import CURRENT

Form = Literal["text", "json"]

REQUEST: ContextVar[str] = ContextVar("request", default="-")
"""The id of the request that is being answered."""

TEXT = "%(asctime)s %(levelname)s %(name)s [%(request)s]: %(message)s"
FIELDS = ("asctime", "levelname", "name", "request", "message")
NAMES = {"asctime": "time", "levelname": "level", "name": "logger"}


def configure(level: str, form: Form) -> None:
    """Log to standard error from now on."""
    handler = logging.StreamHandler()
    handler.addFilter(name_request)
    handler.setFormatter(
        JsonFormatter(FIELDS, rename_fields=NAMES) if form == "json" else logging.Formatter(TEXT)
    )
    logging.basicConfig(level=level.upper(), handlers=[handler])


def name_request(record: logging.LogRecord) -> bool:
    """Let every record say which request it is about, and in JSON which trace."""
    record.request = REQUEST.get()
    if (trace := CURRENT.get()) is not None:
        vars(record).update(trace.ids)
    return True
