"""Tracing: whether requests are traced, and the trace of the one that is being answered.

The switches are OpenTelemetry's own variables. It is an extra, imported only where they ask for it.
"""

import os
import re
from contextvars import ContextVar
from typing import TYPE_CHECKING

from models.errors import UserError

if TYPE_CHECKING:
    from service.spans import Trace, Tracing

CURRENT: "ContextVar[Trace | None]" = ContextVar("trace", default=None)
"""The trace of the request that is being answered; none where traces are off."""

EXPORTERS = ("otlp", "console", "none")
PROTOCOL = "http/protobuf"
DISABLED, EXPORTER = "OTEL_SDK_DISABLED", "OTEL_TRACES_EXPORTER"
ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")


def start() -> "Tracing | None":
    """Trace, if the environment names an exporter or where to send to. Raises UserError."""
    exporters = wanted()
    if not exporters:
        return None
    try:
        from service.spans import Tracing

        return Tracing(exporters)
    except ModuleNotFoundError as error:
        raise UserError(
            f"traces are asked for ({', '.join(asking())}) and need {error.name}: "
            f"pip install 'ganforge[otel]', or set {DISABLED}=true"
        ) from error
    except ValueError as error:  # OpenTelemetry's own words on a variable of its own
        raise UserError(f"traces cannot be sent: {error}") from error


def wanted() -> list[str]:
    """Name the exporters that the environment asks for. Raises UserError for what cannot be."""
    if read(DISABLED).lower() == "true":
        return []
    listed = read(EXPORTER) or ("otlp" if any(map(read, ENDPOINTS)) else "none")
    names = [name.strip() for name in listed.split(",")]
    for name in names:
        if name not in EXPORTERS:
            raise UserError(f"{EXPORTER}: found {name!r}, expected some of {', '.join(EXPORTERS)}")
    if "otlp" in names:
        check_protocol()
        check_endpoint()
    return [name for name in names if name != "none"]


def check_protocol() -> None:
    """Raise UserError where spans are to be sent in a way that is not known here."""
    for variable in PROTOCOLS:
        if found := read(variable):
            if found != PROTOCOL:
                raise UserError(
                    f"{variable}: found {found!r}, expected {PROTOCOL}, which collectors take on "
                    "port 4318"
                )
            return


def check_endpoint() -> None:
    """Raise UserError for what is no address, to which spans would be sent in vain."""
    for variable in ENDPOINTS:
        if found := read(variable):
            if not re.match(r"https?://[^/\s]", found):
                raise UserError(f"{variable}: found {found!r}, expected http://HOST:4318")
            return


def asking() -> list[str]:
    """Name the variables that switch traces on."""
    return [variable for variable in (EXPORTER, *ENDPOINTS) if read(variable)]


def read(variable: str) -> str:
    """Read a variable; an empty one is as none (OpenTelemetry, Environment Variables)."""
    return os.environ.get(variable, "").strip()
