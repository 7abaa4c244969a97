"""Blocks: the fenced code of a Markdown file, in order, with its heading."""

import re
from pathlib import Path
from typing import NamedTuple

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^## (.+)$", re.MULTILINE)


class Block(NamedTuple):
    """Some code, its language or "", and the line on which it begins."""

    language: str
    code: str
    heading: str
    line: int


def blocks(path: Path) -> list[Block]:
    """Read a file's blocks."""
    text = path.read_text()
    return [
        Block(
            found[1],
            found[2],
            (HEADING.findall(text[: found.start()]) or [""])[-1],
            text.count("\n", 0, found.start()) + 2,
        )
        for found in FENCE.finditer(text)
    ]
