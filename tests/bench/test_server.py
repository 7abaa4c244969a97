import io
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace

import pytest
from PIL import Image

from bench.request import GENERATE, INFER
from bench.server import PROC, Server, ServerError, check, running, stop, strays

# Starts a process that leaves its group, says that it is there, and ends when it is told to.
STARTS_A_STRAY = """
import subprocess, sys, time
stray = "import time; print(flush=True); time.sleep(60)"
subprocess.Popen([sys.executable, "-c", stray], process_group=0)
time.sleep(60)
"""


def png(size: tuple[int, int]) -> bytes:
    file = io.BytesIO()
    Image.new("L", size).save(file, "PNG")
    return file.getvalue()


def test_right_answer_is_a_png_of_the_right_size() -> None:
    check(png((28, 28)), GENERATE)


def test_head_of_the_protocol_may_stand_before_the_png() -> None:
    answer = b'{"model_name":"acgan"}' + png((28, 28))
    check(answer, INFER)
    with pytest.raises(ServerError, match="expected a PNG"):
        check(answer, GENERATE)


def test_right_size_is_that_of_the_request() -> None:
    check(png((64, 48)), replace(GENERATE, size=(64, 48)))


@pytest.mark.parametrize(
    ("answer", "found"), [(png((32, 32)), r"\(32, 32\)"), (b'{"error": 1}', "expected a PNG")]
)
def test_wrong_answer_says_what_it_was(answer: bytes, found: str) -> None:
    for request in (GENERATE, INFER):
        with pytest.raises(ServerError, match=found):
            check(answer, request)


def test_server_that_ends_shows_its_code_and_its_last_words() -> None:
    code = "import sys; print('no such model'); sys.exit(3)"
    server = Server(name="broken", command=(sys.executable, "-c", code))
    with (
        pytest.raises(ServerError, match=r"(?s)broken: ended with code 3.*no such model"),
        running(server, "acgan"),
    ):
        pytest.fail("it never answered")


@pytest.mark.skipif(not PROC.is_dir(), reason="strays are found in /proc")
def test_what_left_the_process_group_is_ended_as_well() -> None:
    command = [sys.executable, "-c", STARTS_A_STRAY]
    process = subprocess.Popen(command, start_new_session=True, stdout=subprocess.PIPE)
    assert process.stdout is not None
    with process.stdout:
        process.stdout.readline()
        (stray,) = strays(process.pid)
        stop(process)
    assert strays(process.pid) == []
    with suppress(FileNotFoundError):
        assert (PROC / str(stray) / "cmdline").read_bytes() == b""  # it waits to be reaped
