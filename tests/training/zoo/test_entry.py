import pytest

from training.zoo.entry import Entry


@pytest.mark.parametrize(
    ("data", "seed", "name", "title"),
    [
        ("mnist", 0, "acgan", "acgan"),
        ("fashion_mnist", 0, "acgan-fashion", "acgan-fashion"),
        ("cifar10", 0, "acgan-cifar10", "acgan-cifar10"),
        ("path/to/my pictures", 0, "acgan-my-pictures", "acgan-my-pictures"),
        ("path/to/pictures/.", 0, "acgan-pictures", "acgan-pictures"),
        ("mnist", 2, "acgan", "acgan-s2"),
        ("fashion_mnist", 1, "acgan-fashion", "acgan-fashion-s1"),
    ],
)
def test_a_model_is_named_by_variant_and_data_and_its_run_by_the_seed_too(
    data: str, seed: int, name: str, title: str
) -> None:
    entry = Entry(variant="acgan", data=data, seed=seed)
    assert (entry.name, entry.title) == (name, title)
