"""Config: everything that decides what a run computes, kept beside its results."""

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from models.checkpoint import write
from models.errors import UserError
from training.data import names

FILE = "config.json"
LONGEST = 1e6
"""Passes over the data: beyond what anyone waits for, and finite in images too."""
LARGEST = 2**53
"""Whole numbers below it are the same in every reader of JSON, and as floats."""


class ConfigError(UserError):
    """A run that was asked for in a way that cannot be; the message says what to do."""


class Config(BaseModel):
    """One run. Two runs with equal configs give equal weights on the same kind of device."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    variant: str
    data: str
    data_root: Path | None = None
    size: int | None = Field(None, gt=0)
    channels: Literal[1, 3] | None = None
    epochs: float = Field(15, gt=0, le=LONGEST)
    steps: int | None = Field(None, gt=0, lt=LARGEST)
    batch: int = Field(gt=1, lt=LARGEST)
    seed: int = Field(0, ge=0, lt=LARGEST)
    device: str = "auto"
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    ema: float = Field(0.9995, ge=0, lt=1)
    save_every: int = Field(500, gt=0, lt=LARGEST)
    hyper: dict[str, Any] = {}

    def save(self, folder: Path) -> None:
        """Keep this config with the run, whole or not at all."""
        write(folder / FILE, (self.model_dump_json(indent=2) + "\n").encode())

    @classmethod
    def read(cls, folder: Path) -> "Config":
        """Read the config of the run in `folder`. Raises ConfigError where it is damaged."""
        file = folder / FILE
        try:
            return cls.model_validate_json(file.read_bytes())
        except ValidationError as error:
            raise ConfigError(
                f"{file} is damaged: {wrong(error)}; expected the config that the run was started "
                "with: mend the file, or give another --out"
            ) from error

    def check_resumes(self, folder: Path) -> None:
        """Raise ConfigError unless the run in `folder` was started with this config.

        How long to train and how often to save may change: they decide no step's result.
        """
        try:
            kept = Config.read(folder)
        except OSError as error:
            raise ConfigError(
                f"{folder} holds no run to resume ({error}): start one without --resume"
            ) from error
        free = {"epochs", "steps", "save_every", "data_root"}
        if place(self.data) == place(kept.data):
            free.add("data")
        mine, theirs = self.model_dump(exclude=free), kept.model_dump(exclude=free)
        changed = [name for name in mine if mine[name] != theirs[name]]
        if changed:
            was = ", ".join(f"{name}={theirs[name]!r}, now {mine[name]!r}" for name in changed)
            raise ConfigError(f"{folder} was started with {was}: use the same, or another --out")


def configure(**values: Any) -> Config:
    """Check what was asked for by options of these names. Raises ConfigError."""
    try:
        return Config(**values)
    except ValidationError as error:
        raise ConfigError(
            "; ".join(
                f"{option(e['loc'])}: {e['msg']} (found {e['input']!r})" for e in error.errors()
            )
        ) from error


def option(place: tuple[int | str, ...]) -> str:
    """Say how a field is written on the command line."""
    return f"--{place[0]}".replace("_", "-")


def wrong(error: ValidationError) -> str:
    """Say in one line which fields are wrong, and why."""
    return "; ".join(
        f"{'.'.join(map(str, e['loc']))}: {e['msg']}" if e["loc"] else e["msg"]
        for e in error.errors(include_url=False)
    )


def place(data: str) -> str | Path:
    """Say which data are meant: a folder is the same by each of its paths."""
    return data if data in names() else Path(data).expanduser().resolve()
