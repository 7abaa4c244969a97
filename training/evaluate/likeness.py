"""Likeness: every figure of one view on how alike samples and real test images are."""

from collections.abc import Mapping
from dataclasses import asdict

from models.card import Metric
from training.evaluate.distances import SPLITS, SUBSETS, fid, kid, score, subset
from training.evaluate.judge import describe
from training.evaluate.manifolds import NEIGHBOURS, manifolds
from training.evaluate.subject import Looks, Sets
from training.evaluate.view import Look, View


def likeness(view: View, looks: Looks, sets: Sets) -> dict[str, Metric]:
    """Measure the samples against the test images, and the training images as their floor."""
    found, floor = figures(looks.test, looks.samples), figures(looks.test, looks.train)
    how = protocols(view, looks)
    sizes = (
        f"{describe(sets.seeds)} against {len(sets.test)} real test images; "
        f"floor: {len(sets.train)} training images"
    )
    return {
        f"{view.name}_{name}": Metric(
            value=found[name], floor=floor[name], protocol=f"{how[name]}: {sizes}"
        )
        for name in how
    }


def protocols(view: View, looks: Looks) -> Mapping[str, str]:
    """Say of each figure what it is, after whom, and in which features."""
    real, other = looks.test.features, looks.samples.features
    features = f"{real.shape[1]} features of {view.about}"
    subsets = f"{SUBSETS} subsets of {subset(real, other)}"
    improved = f"(Kynkäänniemi et al. 2019, k = {NEIGHBOURS}) in {features}"
    reliable = f"(Naeem et al. 2020, k = {NEIGHBOURS}) in {features}"
    return {
        "fid": f"Fréchet distance (Heusel et al. 2017) of {features}",
        "kid": f"kernel distance, squared MMD (Binkowski et al. 2018, {subsets}), of {features}",
        "precision": f"share of samples near a test image {improved}",
        "recall": f"share of test images near a sample {improved}",
        "density": f"test images that a sample is near to, over k {reliable}",
        "coverage": f"share of test images with a sample near {reliable}",
        "score": f"exp E KL(p(y|x) || p(y)) (Salimans et al. 2016, {SPLITS} splits) "
        f"by {view.about}",
    }


def figures(real: Look, other: Look) -> Mapping[str, float]:
    """Compute every figure of what is seen in one set, most against what is seen in real images."""
    return {
        "fid": fid(real.features, other.features),
        "kid": kid(real.features, other.features),
        **asdict(manifolds(real.features, other.features)),
        "score": score(other.logits),
    }
