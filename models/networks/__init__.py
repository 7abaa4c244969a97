"""The architectures, and the closed table by which a card names them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, TypeVar

from torch import nn

from models.networks.began import BEGANAutoEncoder, BEGANGenerator
from models.networks.clsgan import CLSGANDiscriminator
from models.networks.dcgan import DCGANAutoEncoder, DCGANDiscriminator, DCGANGenerator
from models.networks.interface import AutoEncoder, Discriminator, Generator
from models.networks.mlp import MLPDiscriminator, MLPGenerator
from models.networks.weight_norm import WeightNormDiscriminator

__all__ = ["DISCRIMINATORS", "GENERATORS", "AutoEncoder", "Discriminator", "Generator", "build"]

GENERATORS: Mapping[str, type[Generator]] = MappingProxyType(
    {"began": BEGANGenerator, "dcgan": DCGANGenerator, "mlp": MLPGenerator}
)
DISCRIMINATORS: Mapping[str, type[Discriminator]] = MappingProxyType(
    {
        "began": BEGANAutoEncoder,
        "clsgan": CLSGANDiscriminator,
        "dcgan": DCGANDiscriminator,
        "dcgan_autoencoder": DCGANAutoEncoder,
        "mlp": MLPDiscriminator,
        "weight_norm": WeightNormDiscriminator,
    }
)


N = TypeVar("N", bound=nn.Module)


def build(table: Mapping[str, type[N]], name: str, arguments: Any) -> N:
    """Build the network that `table` knows as `name`.

    Raises ValueError when the name is not in the table or the arguments do not fit the network:
    a file can name only what stands here, never code of its own.
    """
    if name not in table:
        raise ValueError(f"network {name!r} is unknown: expected one of {', '.join(sorted(table))}")
    try:
        return table[name](**arguments)
    except ValueError:
        raise
    except Exception as error:  # a file may say anything, and torch raises many things
        said = str(error).partition("\n")[0]
        raise ValueError(f"network {name!r} does not take these arguments: {said}") from error
