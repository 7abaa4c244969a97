import pytest
import typer

from bench.serving import choose, median, table, whole
from bench.wrk import Load


def load(rate: float, p50: float = 1.0, **errors: int) -> Load:
    return Load(rate=rate, p50=p50, p99=2 * p50, errors=errors)


def test_ratios_are_those_of_ours_to_each() -> None:
    lines = table(16, {"ours": load(3000), "naive": load(1000), "mosec": load(6000)}).splitlines()
    assert [line.split() for line in lines[1:]] == [
        ["ours", "3000", "1.00", "2.00", "1.00x"],
        ["naive", "1000", "1.00", "2.00", "3.00x"],
        ["mosec", "6000", "1.00", "2.00", "0.50x"],
    ]


def test_without_ours_there_are_no_ratios() -> None:
    assert table(1, {"naive": load(1000)}).splitlines()[1].split()[-1] == "-"


def test_errors_and_absence_stand_in_the_row() -> None:
    lines = table(1, {"ours": load(10, read=2, timeout=1), "mosec": "not installed"}).splitlines()
    assert lines[1].endswith("errors: 2 read, 1 timeout")
    assert lines[2].endswith("not installed")


def test_of_several_rounds_the_medians_are_shown_and_all_errors() -> None:
    rounds = [{1: load(10, 5.0)}, {1: load(90, 1.0, read=1)}, {1: load(20, 3.0, read=2)}]
    assert median(rounds) == {1: Load(rate=20, p50=3.0, p99=6.0, errors={"read": 3})}


def test_servers_are_chosen_by_name_in_the_order_given() -> None:
    assert list(choose("mosec,ours")) == ["mosec", "ours"]
    with pytest.raises(typer.BadParameter, match=r"'fast'.*expected some of ours,naive"):
        choose("ours,fast")


def test_connections_are_whole_numbers_in_the_order_given() -> None:
    assert whole("64,1,256") == [64, 1, 256]
    for words in ("", "1,", "0", "1,x", "1.5"):
        with pytest.raises(typer.BadParameter, match="expected whole numbers above 0"):
            whole(words)
