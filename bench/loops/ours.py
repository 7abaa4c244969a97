"""Ours: the run, the loop and the journal of `ganforge train`."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.loops import Job
from training.config import Config
from training.loop import train
from training.run import LOG_EVERY, autocast, log, prepare

# More steps than anyone waits for: the bench stops the loop, not the config.
ENDLESS = 10**9


def steps(job: Job) -> Iterator[None]:
    """Train for ever; yield after each generator step."""
    widths = {"generator_width": job.width, "discriminator_width": job.width}
    widths |= {"generator_hidden": 0, "discriminator_hidden": 0}  # as the plain loop's networks
    config = Config(
        variant="dcgan",
        data=job.data,
        size=job.size,
        batch=job.batch,
        steps=ENDLESS,
        device="cpu",
        hyper=widths,
    )
    with tempfile.TemporaryDirectory() as folder:
        run = prepare(config, Path(folder), "bench", resume=False)
        began = time.monotonic()
        for metrics in train(run.state, run.batches, autocast(run)):
            if run.state.step % LOG_EVERY == 0:
                log(run, metrics, time.monotonic() - began, lambda done, terms: None)
            yield
