"""Versions: a model's version is its digest, the sha256 of its file; there is one at a time."""

from collections.abc import Mapping

from service.catalog import Catalog, Entry
from service.errors import UnknownWeightsError

LIVE = "1"
"""What those say who count versions: the one that serves."""


def find(catalog: Catalog, address: Mapping[str, str]) -> Entry:
    """Find what a path names. Raises UnknownModelError or UnknownWeightsError."""
    entry = catalog.find(address["model"])
    version = address.get("version", LIVE)
    if version not in (LIVE, entry.digest):
        raise UnknownWeightsError(
            f"{entry.name} has no version {version[:100]!r}: expected {entry.digest}, which names "
            f"its weights, or {LIVE}, whatever they are"
        )
    return entry
