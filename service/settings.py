"""Settings: read once from the environment, prefix `GANFORGE_`, and never changed."""

import os
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

import models

ZOO = Path(models.__file__).parent / "zoo"


class Settings(BaseSettings):
    """Every setting of the service; the README's table is held to this class by a test."""

    model_config = SettingsConfigDict(
        env_prefix="GANFORGE_", frozen=True, extra="forbid", env_ignore_empty=True
    )

    models: Annotated[tuple[Path, ...], NoDecode] = Field(
        (ZOO, Path("checkpoints")),
        description="folders of checkpoints, separated as in PATH; a later one wins a name",
    )
    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8000, ge=0, lt=65536, description="port to listen on")
    device: str = Field("auto", description="`auto`, `cpu`, `cuda` or `cuda:N`")
    precision: Literal["auto", "fp32", "bf16"] = Field(
        "auto", description="of the networks; `auto` is bf16 on a CPU that multiplies it"
    )
    threads: int = Field(1, ge=1, description="CPU threads of one network call")
    max_batch: int = Field(64, ge=1, le=4096, description="images in one network call")
    max_images: int = Field(1024, ge=1, description="images in one request")
    queue_images: int = Field(4096, ge=1, description="images that may wait; beyond it 503")
    max_body_bytes: int = Field(1 << 20, ge=1024, description="bytes of a request's body")
    body_seconds: float = Field(10, gt=0, description="time that a request's body may take")
    batch_seconds: float = Field(
        120, gt=0, description="time that a batch may take before its worker is replaced"
    )
    poll_seconds: float = Field(
        2, ge=0, description="time between two looks at the folders of models; 0 never looks again"
    )
    drain_seconds: int = Field(20, ge=0, description="time to finish requests after SIGTERM")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="least level that is logged"
    )

    @field_validator("models", mode="before")
    @classmethod
    def split(cls, value: Any) -> Any:
        """Read folders as PATH is read."""
        if isinstance(value, str):
            return tuple(Path(part) for part in value.split(os.pathsep) if part)
        return value
