"""Service: the parts that routes work with, built in one place by `create_app`."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.requests import Request

from service.catalog import Catalog
from service.decoder import Decoder
from service.door import Door
from service.engine.engine import Engine
from service.fellows import Fellows
from service.gate import Gate
from service.keeper import Keeper
from service.metrics import Metrics
from service.quota import Quota
from service.settings import Settings

if TYPE_CHECKING:
    from service.spans import Tracing


@dataclass(kw_only=True)
class Service:
    """Everything that lives as long as the app; `accepting` turns False when it goes down."""

    settings: Settings
    keeper: Keeper
    engine: Engine
    metrics: Metrics
    gate: Gate
    quota: Quota
    door: Door
    decoder: Decoder
    fellows: Fellows | None = None
    tracing: "Tracing | None" = None
    accepting: bool = True

    def leave(self) -> None:
        """Say from now on that requests should go elsewhere."""
        self.accepting = False

    @property
    def catalog(self) -> Catalog:
        """Which models are served now."""
        return self.keeper.catalog

    @property
    def ready(self) -> bool:
        """Whether a request sent now would be served."""
        return self.accepting and self.engine.alive and bool(self.catalog.entries)


def service_of(request: Request) -> Service:
    """Find the service that this request's app was built with."""
    service: Service = request.app.state.service
    return service
