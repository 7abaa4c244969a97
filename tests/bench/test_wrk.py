import re

import pytest

from bench.request import GENERATE, INFER
from bench.wrk import WrkError, parse, script

# What wrk 4.1.0 prints; it leaves a space behind a latency in seconds.
GOOD = """\
Running 2s test @ http://127.0.0.1:47449
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   394.15ms  407.42ms   1.99s    87.32%
    Req/Sec   215.61    109.61   404.00     66.67%
  Latency Distribution
     50%  234.92ms
     75%  514.77ms
     90%  978.54ms
     99%    1.93s\x20
  401 requests in 2.02s, 185.11KB read
Requests/sec:    198.13
Transfer/sec:     91.46KB
"""
FAULTY = """\
Running 5s test @ http://127.0.0.1:18077/
  1 threads and 4 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency    45.26ms    7.77ms 107.79ms   95.71%
    Req/Sec    88.18     12.64   120.00     78.00%
  Latency Distribution
     50%   44.03ms
     75%   47.96ms
     90%   48.02ms
     99%   68.06ms
  441 requests in 5.02s, 51.84KB read
  Socket errors: connect 0, read 9, write 0, timeout 0
  Non-2xx or 3xx responses: 147
Requests/sec:     87.90
Transfer/sec:     10.33KB
"""


def test_rate_and_latencies_are_read() -> None:
    load = parse(GOOD)
    assert (load.rate, load.p50, load.p99) == (198.13, 234.92, 1930.0)
    assert load.errors == {}


@pytest.mark.parametrize(
    ("printed", "milliseconds"),
    [("44.03us", 0.04403), ("1.00ms", 1.0), ("1.93s ", 1930.0), ("1.50m ", 90_000.0)],
)
def test_latencies_are_milliseconds_whatever_their_unit(printed: str, milliseconds: float) -> None:
    load = parse(GOOD.replace("1.93s ", printed))
    assert load.p99 == pytest.approx(milliseconds)


def test_errors_are_counted_by_kind() -> None:
    assert parse(FAULTY).errors == {"not 2xx": 147, "read": 9}


@pytest.mark.parametrize("lost", ["Requests/sec", "     50%", "     99%"])
def test_output_that_lacks_a_figure_is_an_error(lost: str) -> None:
    with pytest.raises(WrkError, match="wrk printed nothing that matches"):
        parse(GOOD.replace(lost, ""))


def test_script_counts_seeds_up_from_the_first() -> None:
    lua = script(GENERATE, "acgan", first_seed=70)
    assert re.search(r"^local seed = 70$", lua, re.MULTILINE)
    assert 'wrk.path = "/generate"' in lua
    assert """string.format('{"model":"acgan","class":7,"seed":%d}', seed)""" in lua


def test_script_asks_by_the_protocol_of_the_server() -> None:
    lua = script(INFER, "acgan", first_seed=70)
    assert 'wrk.path = "/v2/models/acgan/infer"' in lua
    assert '"name":"seed","shape":[1,1],"datatype":"INT64","data":[%d]' in lua
