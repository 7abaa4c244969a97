"""Stacked MNIST: how many of its 1,000 modes a model finds, and how evenly.

Metz et al. 2016, §3.3.1: a classifier of digits names each channel of a sample, and the three
digits are its mode. As in VEEGAN (Srivastava et al. 2017, §4.1) and PacGAN (Lin et al. 2018, §4.2),
26,000 samples are looked at, and a mode is found if one of them is in it.
"""

import numpy as np
import torch
from torch import Tensor

from models.card import Metric
from training.evaluate.classifier_file import TrainedClassifier
from training.evaluate.in_domain import BATCH, NAME, introduce, placed, scaled
from training.evaluate.judge import Judgement, describe
from training.evaluate.real import part
from training.evaluate.served import Indices, drawn_classes, seeds_from, served
from training.evaluate.subject import Looks, Subject
from training.evaluate.view import Look, View

SAMPLES = 26_000
CHANNELS = 3


def channelwise(trained: TrainedClassifier, device: torch.device) -> View:
    """View each channel as the digit that it shows: features side by side, one logit a mode.

    log p(a, b, c) = log p(a) + log p(b) + log p(c), so that the mode seen is the three digits seen.
    """
    network = placed(trained.network, device)
    _, side, _ = trained.network.shape
    digits = trained.card.class_names

    def see(pixels: Tensor) -> Look:
        features = network.features(scaled(pixels.flatten(0, 1)[:, None]))  # (3 B, 96)
        logits = network.head(features).float().log_softmax(1)
        a, b, c = logits.view(len(pixels), CHANNELS, -1).unbind(1)  # (B, 10) each
        modes = a[:, :, None, None] + b[:, None, :, None] + c[:, None, None, :]
        return Look(features=features.view(len(pixels), -1), logits=modes.flatten(1))

    return View(
        name=NAME,
        about=f"{introduce(trained)} on each channel",
        shape=(CHANNELS, side, side),
        class_names=tuple(f"{a}-{b}-{c}" for a in digits for b in digits for c in digits),
        network=see,
        device=device,
        batch=BATCH,
    )


def modes(subject: Subject, looks: Looks) -> Judgement:
    """Count the modes found, and say how far their histogram is from an even one."""
    seen, real = seen_in_samples(subject, looks), seen_in_test(subject)
    count = len(subject.view.class_names)
    how = (
        f"{describe(seeds_from(0, SAMPLES))}, seen by {subject.view.about}; floor: {len(real)} "
        "real test images (protocol of VEEGAN, §4.1, and PacGAN, §4.2)"
    )
    return Judgement(
        metrics={
            "modes": Metric(
                value=found(seen), floor=found(real), protocol=f"modes of {count} found in {how}"
            ),
            "modes_kl": Metric(
                value=kl_to_uniform(seen, count),
                floor=kl_to_uniform(real, count),
                protocol=f"KL, in nats, from the histogram of modes to an even one, in {how}",
            ),
        },
        shares={},
    )


def seen_in_samples(subject: Subject, looks: Looks) -> Indices:
    """Name the modes of the first samples: those that were looked at already, and the rest."""
    seen = looks.samples.classes()[:SAMPLES]
    rest = seeds_from(len(seen), SAMPLES - len(seen))
    if len(rest):
        generator = subject.model.generator
        more = served(generator, rest, drawn_classes(generator, rest))
        seen = torch.cat([seen, subject.view.look(more).classes()])
    return seen.numpy()


def seen_in_test(subject: Subject) -> Indices:
    """Name the modes of as many test images, or of all."""
    seen: Indices = subject.view.look(part(subject.real.test, SAMPLES).pixels).classes().numpy()
    return seen


def found(seen: Indices) -> float:
    """Count the modes that are seen at least once."""
    return float(len(np.unique(seen)))


def kl_to_uniform(seen: Indices, count: int) -> float:
    """Return KL(p || u) = sum_k p_k log(p_k / (1 / count)) of the histogram p of those seen."""
    p = np.bincount(seen, minlength=count) / len(seen)
    p = p[p > 0]
    return float((p * np.log(p * count)).sum())
