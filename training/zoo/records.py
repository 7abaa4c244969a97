"""Records: small JSON files in a run's folder, written whole or not at all."""

import json
from pathlib import Path
from typing import Any

from models.checkpoint import write


def put(path: Path, content: Any) -> None:
    """Write one JSON value."""
    write(path, (json.dumps(content, indent=2) + "\n").encode())


def get(path: Path, default: Any) -> Any:
    """Read one JSON value; `default` where there is no file."""
    return json.loads(path.read_text()) if path.exists() else default
