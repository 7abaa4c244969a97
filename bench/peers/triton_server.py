"""Triton, from PyTriton's wheel, with the network in its own Python backend: batch 32, no delay.

PyTriton's `bind` would hold the network in this process, and each batch would go to it and back
through shared memory and sockets: a third of the requests at 64 connections, a tenth at one. So it
only starts the server here.
"""

import argparse
import os
import shutil
import signal
import sys
import sysconfig
import tempfile
from pathlib import Path

from pytriton.triton import Triton, TritonConfig

MODEL = Path(__file__).with_name("triton_model.py")
# No delay: what waits while a batch is computed is the next one. With 5 ms, few connections are
# answered a third as often or less, and many no more often.
CONFIG = """\
backend: "python"
max_batch_size: 32
dynamic_batching {{ }}
instance_group [ {{ kind: KIND_CPU count: 1 }} ]
input [
  {{ name: "class" data_type: TYPE_INT64 dims: [ 1 ] }},
  {{ name: "seed" data_type: TYPE_INT64 dims: [ 1 ] }}
]
output [ {{ name: "png" data_type: TYPE_STRING dims: [ 1 ] }} ]
parameters {{ key: "checkpoint" value {{ string_value: "{checkpoint}" }} }}
"""


def store(checkpoint: Path, folder: Path) -> Path:
    """Write a model repository that serves the checkpoint under its name."""
    version = folder / "repository" / checkpoint.stem / "1"
    version.mkdir(parents=True)
    shutil.copy(MODEL, version / "model.py")
    (version.parent / "config.pbtxt").write_text(CONFIG.format(checkpoint=checkpoint))
    return folder / "repository"


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    given = parser.parse_args()
    # The backend loads libpython, and has to find that of this interpreter, not the system's.
    os.environ["LD_LIBRARY_PATH"] = sysconfig.get_config_var("LIBDIR")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # so that the folder is removed
    with tempfile.TemporaryDirectory() as folder:
        config = TritonConfig(
            model_repository=store(given.checkpoint, Path(folder)),
            http_address="127.0.0.1",
            http_port=given.port,
            allow_grpc=False,
            allow_metrics=False,
        )
        with Triton(config=config, workspace=Path(folder) / "workspace") as triton:
            triton.serve()
