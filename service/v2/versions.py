"""Versions: a model's version is its digest, the sha256 of its file; there is one at a time.

Enough of a digest's first digits name it, as in other addresses.
"""

from collections.abc import Mapping

from service.catalog import ENOUGH, Catalog, Entry
from service.errors import UnknownWeightsError

LIVE = "1"
"""What those say who count versions: the one that serves."""


def find(catalog: Catalog, address: Mapping[str, str]) -> Entry:
    """Find what a path names. Raises UnknownModelError or UnknownWeightsError."""
    entry = catalog.find(address["model"])
    version = address.get("version", LIVE)
    if version != LIVE and not entry.has(version):
        raise UnknownWeightsError(
            f"{entry.name} has no version {version[:100]!r}: expected {entry.digest}, of which "
            f"{ENOUGH} digits are enough, or {LIVE}, whatever they are"
        )
    return entry
