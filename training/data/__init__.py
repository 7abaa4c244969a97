"""Data sets by name or by path, and batches of them."""

from training.data.batches import Batch, Batches, Labelled
from training.data.catalog import load, names, title
from training.data.dataset import DataError, DataSet

__all__ = ["Batch", "Batches", "DataError", "DataSet", "Labelled", "load", "names", "title"]
