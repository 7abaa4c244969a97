import io
import sys

import pytest
from PIL import Image

from bench.server import Server, ServerError, check, running


def png(size: tuple[int, int]) -> bytes:
    file = io.BytesIO()
    Image.new("L", size).save(file, "PNG")
    return file.getvalue()


def test_right_answer_is_a_png_of_the_right_size() -> None:
    check(png((28, 28)))


@pytest.mark.parametrize(
    ("answer", "found"), [(png((32, 32)), r"\(32, 32\)"), (b'{"error": 1}', "expected a PNG")]
)
def test_wrong_answer_says_what_it_was(answer: bytes, found: str) -> None:
    with pytest.raises(ServerError, match=found):
        check(answer)


def test_server_that_ends_shows_its_code_and_its_last_words() -> None:
    code = "import sys; print('no such model'); sys.exit(3)"
    server = Server(name="broken", command=(sys.executable, "-c", code))
    with (
        pytest.raises(ServerError, match=r"(?s)broken: ended with code 3.*no such model"),
        running(server, "acgan"),
    ):
        pytest.fail("it never answered")
