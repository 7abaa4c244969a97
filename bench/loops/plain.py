"""Plain: the loop of the tutorials, in float32: DataLoader, Adam, three backward passes a step.

Each image goes through Pillow and what torchvision's ToTensor and Normalize do. The networks have
our layers and sizes, written with the modules that the tutorials use.
"""

from collections.abc import Iterator

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from bench.loops import Job
from training.data import DataSet, load

LATENT = 64


class Pictures(Dataset[Tensor]):
    """One image (C, S, S) in [-1, 1] at a time."""

    def __init__(self, data: DataSet) -> None:
        self.images = data.images.permute(0, 2, 3, 1).squeeze(-1).numpy()  # (N, S, S)

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> Tensor:
        picture = Image.fromarray(self.images[index])
        pixels = torch.from_numpy(np.array(picture, copy=True)).unsqueeze(0)  # (1, S, S)
        return pixels.to(torch.float32).div(255).sub(0.5).div(0.5)


def make_generator(width: int) -> nn.Module:
    """Map (B, LATENT) to (B, 1, 28, 28)."""
    return nn.Sequential(
        nn.Linear(LATENT, 2 * width * 7 * 7, bias=False),
        nn.Unflatten(1, (2 * width, 7, 7)),
        nn.BatchNorm2d(2 * width),
        nn.ReLU(),
        nn.ConvTranspose2d(2 * width, width, 4, stride=2, padding=1),
        nn.BatchNorm2d(width),
        nn.ReLU(),
        nn.ConvTranspose2d(width, 1, 4, stride=2, padding=1),
        nn.Tanh(),
    )


def make_discriminator(width: int) -> nn.Module:
    """Map (B, 1, 28, 28) to logits (B,)."""
    return nn.Sequential(
        nn.Conv2d(1, width, 4, stride=2, padding=1),
        nn.LeakyReLU(0.2),
        nn.Conv2d(width, 2 * width, 4, stride=2, padding=1),
        nn.BatchNorm2d(2 * width),
        nn.LeakyReLU(0.2),
        nn.Flatten(),
        nn.Linear(2 * width * 7 * 7, 1),
        nn.Flatten(0),
    )


def steps(job: Job, workers: int) -> Iterator[None]:
    """Train for ever; yield after each generator step."""
    data = load(job.data, size=job.size, channels=1)
    loader = DataLoader(
        Pictures(data), job.batch, shuffle=True, num_workers=workers, drop_last=True
    )
    generator, discriminator = make_generator(job.width), make_discriminator(job.width)
    optimiser_g = torch.optim.Adam(generator.parameters(), 2e-4, (0.5, 0.999))
    optimiser_d = torch.optim.Adam(discriminator.parameters(), 2e-4, (0.5, 0.999))
    criterion = nn.BCEWithLogitsLoss()
    real_label, fake_label = torch.ones(job.batch), torch.zeros(job.batch)
    history = []
    while True:
        for real in loader:
            discriminator.zero_grad()
            loss_real = criterion(discriminator(real), real_label)
            loss_real.backward()
            fake = generator(torch.randn(job.batch, LATENT))
            loss_fake = criterion(discriminator(fake.detach()), fake_label)
            loss_fake.backward()
            optimiser_d.step()
            generator.zero_grad()
            loss_g = criterion(discriminator(fake), real_label)
            loss_g.backward()
            optimiser_g.step()
            history.append(((loss_real + loss_fake).item(), loss_g.item()))
            yield
