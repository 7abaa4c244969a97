import pytest
import torch

from training.data import Batches, DataError, DataSet

CPU = torch.device("cpu")


def numbered(count: int, *, labelled: bool = True) -> DataSet:
    """Image i is all i, and so is its label."""
    levels = torch.arange(count)
    return DataSet(
        name="numbers",
        images=levels.to(torch.uint8).view(count, 1, 1, 1).expand(count, 3, 2, 2),
        labels=levels if labelled else None,
        class_names=tuple(map(str, range(count))) if labelled else (),
        digest="0",
    )


def labels_of(batches: Batches, index: int) -> list[int]:
    labels = batches[index].labels
    assert labels is not None
    return labels.tolist()


def test_bytes_become_floats_from_minus_one_to_one() -> None:
    batch = Batches(numbered(256), 256, 0, CPU)[0]
    assert batch.images.shape == (256, 3, 2, 2)
    assert batch.images.dtype == torch.float32
    values = batch.images[:, 0, 0, 0].sort().values
    assert torch.equal(values, torch.arange(256) / 127.5 - 1)
    assert values[[0, -1]].tolist() == [-1, 1]


def test_a_label_stays_with_its_image() -> None:
    batch = Batches(numbered(100), 10, 3, CPU)[4]
    assert batch.labels is not None
    assert batch.labels.dtype == torch.int64
    assert torch.equal(batch.images[:, 1, 0, 1], batch.labels / 127.5 - 1)


def test_there_are_no_labels_without_labels() -> None:
    assert Batches(numbered(4, labelled=False), 2, 0, CPU)[0].labels is None


def test_an_epoch_has_every_image_at_most_once_and_drops_the_rest() -> None:
    batches = Batches(numbered(23), 5, 0, CPU)
    assert batches.per_epoch == 4
    for epoch in range(3):
        seen = [label for place in range(4) for label in labels_of(batches, 4 * epoch + place)]
        assert len(set(seen)) == 20


def test_every_image_turns_up_over_the_epochs() -> None:
    batches = Batches(numbered(23), 5, 0, CPU)
    assert {label for index in range(40) for label in labels_of(batches, index)} == set(range(23))


def test_epochs_and_seeds_have_orders_of_their_own() -> None:
    orders = {
        tuple(labels_of(Batches(numbered(50), 50, seed, CPU), epoch))
        for seed in range(5)
        for epoch in range(5)
    }
    assert len(orders) == 25


def test_a_batch_does_not_depend_on_what_was_drawn_before() -> None:
    straight = Batches(numbered(23), 5, 7, CPU)
    expected = [labels_of(straight, index) for index in range(12)]
    torch.manual_seed(1)  # the global generator has no part in it
    jumping = Batches(numbered(23), 5, 7, CPU)
    for index in (9, 0, 11, 5, 5, 3, 8, 10, 1, 2, 4, 6, 7, 0):
        assert labels_of(jumping, index) == expected[index]


def test_the_order_is_the_same_in_every_version() -> None:
    # A resumed run relies on it: a change here breaks every snapshot.
    assert labels_of(Batches(numbered(10), 10, 0, CPU), 0) == [1, 2, 5, 9, 4, 8, 6, 3, 0, 7]


def test_changing_a_batch_does_not_change_the_data() -> None:
    batches = Batches(numbered(4), 4, 0, CPU)
    before = batches[0].images.clone()
    batches[0].images.zero_()
    assert torch.equal(batches[0].images, before)


@pytest.mark.parametrize("size", [0, 1, 5])
def test_refuses_a_batch_that_the_data_cannot_fill(size: int) -> None:
    with pytest.raises(DataError, match=f"4 images and a batch has {size}"):
        Batches(numbered(4), size, 0, CPU)


def test_one_image_is_too_few_whatever_the_batch() -> None:
    with pytest.raises(DataError, match=r"1 images; expected at least 2.*bring more"):
        Batches(numbered(1), 64, 0, CPU)


def test_refuses_a_negative_index() -> None:
    with pytest.raises(IndexError, match="batch -1"):
        Batches(numbered(4), 2, 0, CPU)[-1]


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU here")
def test_a_gpu_gives_the_batches_of_the_cpu() -> None:
    here, there = (Batches(numbered(256), 50, 3, torch.device(name)) for name in ("cpu", "cuda"))
    for index in range(12):
        assert labels_of(here, index) == labels_of(there, index)
        images = there[index].images
        assert images.device.type == "cuda"
        assert images.min() >= -1
        assert images.max() <= 1
        torch.testing.assert_close(images.cpu(), here[index].images, rtol=0, atol=2e-7)
