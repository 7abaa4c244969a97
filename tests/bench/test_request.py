import json
import re

import pytest

from bench.request import GENERATE, INFER, Request


@pytest.mark.parametrize("request_", [GENERATE, INFER])
def test_body_is_json_that_holds_class_and_seed(request_: Request) -> None:
    body = request_.of("acgan", seed=123)
    json.loads(body)
    assert re.search(r"\b7\b", body)
    assert re.search(r"\b123\b", body)


@pytest.mark.parametrize("request_", [GENERATE, INFER])
def test_body_fits_the_format_of_lua(request_: Request) -> None:
    """It stands in single quotes there, and `%` begins a place for a number."""
    body = request_.of("acgan", seed="%d")
    assert "'" not in body
    assert body.count("%") == 1


def test_model_stands_in_the_body_or_in_the_path() -> None:
    assert json.loads(GENERATE.of("acgan", seed=1)) == {"model": "acgan", "class": 7, "seed": 1}
    assert INFER.to("acgan") == "/v2/models/acgan/infer"
