"""Settings: read once from the environment, prefix `GANFORGE_`, and never changed."""

import os
import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

import models
from models import device_name
from service.logs import Form

DIGEST = "^[0-9a-f]{64}$"
ZOO = Path(models.__file__).parent / "zoo"


class Settings(BaseSettings):
    """Every setting of the service; a test holds docs/settings.md to this class."""

    model_config = SettingsConfigDict(
        env_prefix="GANFORGE_",
        frozen=True,
        extra="forbid",
        env_ignore_empty=True,
        allow_inf_nan=False,
    )

    models: Annotated[tuple[Path, ...], NoDecode] = Field(
        (ZOO, Path("checkpoints")),
        description="folders of checkpoints, separated as in PATH; a later one wins a name",
    )
    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8000, ge=0, lt=65536, description="port to listen on")
    workers: int = Field(
        1, ge=1, le=256, description="services on the port, each with its models and its process"
    )
    device: str = Field(
        "auto",
        description="`auto`, `cpu`, `cuda` or `cuda:N`; several with commas, which workers take in "
        "turn",
    )
    precision: Literal["auto", "fp32", "bf16"] = Field(
        "auto", description="of the networks; `auto` is bf16 on a CPU that multiplies it"
    )
    threads: int = Field(1, ge=1, le=256, description="CPU threads of one network call")
    max_batch: int = Field(64, ge=1, le=4096, description="images in one network call")
    max_images: int = Field(1024, ge=1, description="images in one request")
    max_streamed_images: int = Field(
        1_000_000, ge=1, description="images in one request whose format is streamed: npy, raw, zip"
    )
    queue_images: int = Field(
        4096, ge=1, description="images that may wait; beyond it requests wait for room, or are 503"
    )
    max_body_bytes: int = Field(1 << 20, ge=1024, description="bytes of a request's body")
    body_seconds: float = Field(
        10, gt=0, description="time that a request's head, and then its body, may take"
    )
    batch_seconds: float = Field(
        120, gt=0, description="time that a batch may take before its worker is replaced"
    )
    poll_seconds: float = Field(
        2, ge=0, description="time between two looks at the folders of models; 0 never looks again"
    )
    api_keys: Annotated[dict[str, str], NoDecode] = Field(
        {},
        description="NAME:DIGEST of each key, see `ganforge key`, separated by commas; with none "
        "everybody may ask",
    )
    admin_key: str | None = Field(
        None, pattern=DIGEST, description="digest of the key for `/admin`; with none it is closed"
    )
    key_images_per_minute: int = Field(
        0, ge=0, description="images that each key may ask for in a minute; 0 is any number"
    )
    cors_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="origins whose pages may ask, separated by commas, or `*`; none"
    )
    grace_seconds: float = Field(
        2, ge=0, description="time after SIGTERM in which it still accepts, but says not ready"
    )
    drain_seconds: int = Field(20, ge=0, description="time to finish requests after that")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="least level that is logged; `debug` logs each request"
    )
    log_format: Form = Field("text", description="of a line of the log: `text` or `json`")

    @field_validator("api_keys", mode="before")
    @classmethod
    def pair(cls, value: Any) -> Any:
        """Read NAME:DIGEST,NAME:DIGEST."""
        if not isinstance(value, str):
            return value
        pairs = [part.strip().partition(":") for part in value.split(",")]
        if any(not (name and re.fullmatch(DIGEST, digest)) for name, _, digest in pairs):
            raise ValueError("expected NAME:DIGEST, separated by commas: `ganforge key` makes one")
        return {name: digest for name, _, digest in pairs}

    @field_validator("device")
    @classmethod
    def known(cls, value: str) -> str:
        """Refuse what no worker could use, before one has been started to find that out."""
        if not all(device_name.fits(name) for name in named(value)):
            raise ValueError(f"expected {device_name.EXPECTED}")
        return value

    @field_validator("device")
    @classmethod
    def one_worker_a_device(cls, value: str, others: ValidationInfo) -> str:
        """Refuse devices that nobody would use."""
        some, workers = len(named(value)), others.data.get("workers", 1)
        if some > workers:
            raise ValueError(f"{some} are named, GANFORGE_WORKERS is {workers}: one each, or more")
        return value

    @property
    def devices(self) -> list[str]:
        """The devices that are named."""
        return named(self.device)

    @field_validator("cors_origins", mode="before")
    @classmethod
    def listed(cls, value: Any) -> Any:
        """Read a list with commas."""
        return tuple(p.strip() for p in value.split(",")) if isinstance(value, str) else value

    @field_validator("models", mode="before")
    @classmethod
    def split(cls, value: Any) -> Any:
        """Read folders as PATH is read."""
        if isinstance(value, str):
            return tuple(Path(part) for part in value.split(os.pathsep) if part)
        return value


def named(devices: str) -> list[str]:
    """Read names with commas between them."""
    return [name.strip() for name in devices.split(",")]
