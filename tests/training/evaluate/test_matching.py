import torch

from training.evaluate.matching import NOTHING, error, majority


def test_each_cluster_takes_the_label_that_most_of_its_images_have() -> None:
    clusters = torch.tensor([0, 0, 0, 1, 1, 3, 3, 3])
    labels = torch.tensor([2, 2, 0, 2, 2, 1, 0, 1])
    assert majority(clusters, labels, 5).tolist() == [2, 2, NOTHING, 1, NOTHING]


def test_a_cluster_of_nothing_is_never_right() -> None:
    calls = majority(torch.tensor([0, 0]), torch.tensor([0, 0]), 2)
    assert error(calls[torch.tensor([0, 1, 1, 0])], torch.tensor([0, 0, 0, 0])) == 0.5


def test_error_is_the_share_that_is_wrong() -> None:
    assert error(torch.tensor([1, 2, 3, 4]), torch.tensor([1, 2, 0, 4])) == 0.25
