"""What a request may say of its tensors that is not so: all of it is refused, and nothing else."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.card import Codes
from service.catalog import Entry
from service.engine.cost import Cost
from service.engine.orders import Model
from service.engine.sizes import Sizes
from service.errors import BadJSONError, InvalidRequestError, ServiceError
from service.routes.v2 import infer
from tests import zoo
from tests.service.v2 import tritons

CARD = zoo.card("both", classes=("0", "1", "2"), codes=Codes(categorical=(3,), continuous=2))
MODEL = Model(
    path=Path("x"),
    card=CARD,
    digest="0" * 64,
    precision="fp32",
    sizes=Sizes((1,)),
    cost=Cost(one=1.0, full=1.0, capacity=1),
)
ENTRY = Entry(name="both", model=MODEL)
LIMIT = 64

JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
DESCRIBED = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["seed", "z", "class", "codes", "truncation"]) | JUNK,
        "shape": st.lists(st.integers(-1, 8) | st.sampled_from([2**31, 2**62]), max_size=3) | JUNK,
        "datatype": st.sampled_from(["INT64", "FP32", "UINT8", "BYTES"]) | JUNK,
    },
    optional={
        "data": st.lists(JUNK, max_size=8) | st.lists(st.integers(0, 3), max_size=8),
        "parameters": st.fixed_dictionaries(
            {}, optional={"binary_data_size": st.integers(-8, 64) | JUNK}
        )
        | JUNK,
    },
)
ASKED = st.fixed_dictionaries(
    {"inputs": st.lists(DESCRIBED, max_size=3) | JUNK},
    optional={
        "id": JUNK,
        "parameters": JUNK,
        "outputs": st.lists(
            st.fixed_dictionaries({"name": st.sampled_from(["image", "png", "x"]) | JUNK})
        )
        | JUNK,
    },
)


@given(
    (ASKED | JUNK).map(json.dumps).map(str.encode) | st.binary(max_size=64),
    st.binary(max_size=64),
    st.none() | st.integers(-1, 300).map(str) | st.text(max_size=5),
)
@settings(max_examples=300, deadline=None)
def test_whatever_comes_is_read_or_refused(head: bytes, content: bytes, length: str | None) -> None:
    for said in (length, str(len(head))):
        try:
            _, part = infer.read(head + content, said, ENTRY, LIMIT)
        except (BadJSONError, InvalidRequestError):
            continue
        assert 1 <= len(part.work) <= LIMIT


Tensor = dict[str, Any]


def tensor(name: str = "seed", shape: Any = (1, 1), datatype: str = "INT64", **more: Any) -> Tensor:
    return {"name": name, "shape": shape, "datatype": datatype, **more}


def data(*values: Any, **more: Any) -> Tensor:
    """Say what the seeds are, in JSON."""
    return tensor(data=values, **more)


def z(*values: Any) -> Tensor:
    """Say what z begins with."""
    return tensor("z", (1, 8), "FP32", data=[*values, *[0.5] * (8 - len(values))])


def share(value: Any) -> Tensor:
    return tensor("truncation", (1,), "FP32", data=[value])


def binary(size: int) -> Tensor:
    return tensor(parameters={"binary_data_size": size})


def asking(*inputs: Tensor, **more: Any) -> bytes:
    return json.dumps({"inputs": inputs, **more}).encode()


SHARED: Tensor = {"parameters": {"shared_memory_region": "x"}}
SEED = data(1)
CLASS = tensor("class", data=[1])

JSON = {
    "no body": (b"", "the body is not JSON"),
    "nested": (b"[" * 5000, "the body is not JSON"),
    "no inputs": (asking(), "0 images are asked for"),
    "inputs null": (b'{"inputs": null}', "inputs: Input should be a valid"),
    "unknown input": (asking(data(1, name="noise")), "no 'noise', expected some of"),
    "one input twice": (asking(SEED, SEED), "seed is named twice"),
    "17 inputs": (asking(*[SEED] * 17), "at most 16 items"),
    "wrong datatype": (asking(data(1, datatype="FP32")), "expected INT64 [-1, 1]"),
    "no datatype": (asking(data(1, datatype="")), "expected INT64 [-1, 1]"),
    "negative shape": (asking(data(1, shape=[-1, 1])), "greater than or equal"),
    "shape of no numbers": (asking(data(1, shape=["1", True])), "valid integer"),
    "shape of a row": (asking(data(1, 2, shape=[1, 2])), "expected INT64 [-1, 1]"),
    "no shape": (asking(data(1, shape=[])), "expected INT64 [-1, 1]"),
    "deep shape": (asking(data(1, shape=[1] * 9)), "at most 8 items"),
    "huge shape": (asking(data(1, shape=[2**62, 1])), "expected 1 to 64"),
    "huge product": (asking(tensor("z", [2**62] * 2, "FP32", data=[1])), "expected FP32 [-1, 8]"),
    "no rows": (asking(data(shape=[0, 1])), "0 images are asked for"),
    "rows over the limit": (asking(data(*[1] * 65, shape=[65, 1])), "expected 1 to 64"),
    "rows that differ": (asking(SEED, tensor("class", [2], data=[1, 2])), "found seed 1, class 2"),
    "less data": (asking(data(1, 2, shape=[3])), "data has 2 values, INT64 [3] has 3"),
    "more data": (asking(data(1, 2)), "data has 2 values, INT64 [1, 1] has 1"),
    "no data": (asking(tensor()), "expected either data or binary_data_size"),
    "data twice": (asking(binary(8) | {"data": [1]}), "expected either data or binary_data_size"),
    "binary without bytes": (asking(binary(8)), "the body ends after 0 of them"),
    "binary of another shape": (asking(binary(4)), "binary_data_size is 4, INT64 [1, 1] has 8"),
    "binary below 0": (asking(binary(-8)), "greater than or equal to 0"),
    "ragged data": (asking(data([1, 2], 3, shape=[3])), "seed: data is ragged"),
    "ragged lists": (asking(data([1], [2, 3], shape=[3])), "expected INT64 [3], flat or nested"),
    "ragged and empty": (asking(data([], [1], shape=[1])), "seed: data is ragged"),
    "ragged below": (asking(data([[1], [2]], [[3], []], shape=[3])), "seed: data is ragged"),
    "deeper": (asking(data([[1]], [2], shape=[2])), "seed: data is ragged"),
    "data of text": (asking(data("7")), "than integers of 64 bits"),
    "data of text in lists": (asking(data([1], ["7"], shape=[2])), "than integers of 64 bits"),
    "text beside lists": (asking(data([1], "7", shape=[2])), "seed: data is ragged"),
    "data of a boolean": (asking(data(True)), "than integers of 64 bits"),
    "data of a float": (asking(data(1.0)), "than integers of 64 bits"),
    "data of null": (asking(data(None)), "than integers of 64 bits"),
    "data of an object": (asking(data([{"1": 1}])), "than integers of 64 bits"),
    "seed 2^64": (asking(data(2**64)), "than integers of 64 bits"),
    "seed 2^53": (asking(data(2**53)), "expected 0 to 9007199254740991"),
    "seed -1": (asking(data(-1)), "seed: found -1"),
    "class 3": (asking(SEED, tensor("class", data=[3])), "out of range for both"),
    "class -1": (asking(SEED, tensor("class", data=[-1])), "out of range for both"),
    "z NaN": (asking(z(float("nan"))), "z: found nan, expected -100 to 100"),
    "z infinite": (asking(z(float("inf"))), "z: found inf"),
    "z of 4,000 digits": (asking(z(10**4000)), "than numbers of 32 bits"),
    "z 1e300": (asking(z(1e300)), "z: found inf"),
    "z of another model": (asking(tensor("z", [1, 7], "FP32", data=[0] * 7)), "FP32 [-1, 8]"),
    "truncation 2": (asking(SEED, share(2)), "found 2.0, expected 0 to 1"),
    "truncation of z": (asking(z(), share(1)), "give it already multiplied"),
    "nothing to begin with": (asking(CLASS), "neither seed nor z"),
    "z alone, of a class": (asking(z()), "class: z draws none"),
    "z alone, of codes": (asking(z(), CLASS), "codes: z draws none"),
    "shared memory in": (asking(tensor(**SHARED)), "shared memory, which is not offered"),
    "shared memory out": (asking(SEED, outputs=[{"name": "png", **SHARED}]), "is not offered"),
    "unknown output": (asking(SEED, outputs=[{"name": "x"}]), "no 'x', expected some of image"),
    "one output twice": (asking(SEED, outputs=[{"name": "png"}] * 2), "png is named twice"),
    "id of a number": (asking(SEED, id=7), "id: Input should be a valid string"),
}
NOT_SO = "expected how many of the body's"
LENGTHS = {
    "-1": (asking(SEED), "-1", NOT_SO),
    "no number": (asking(SEED), "٣", NOT_SO),
    "empty": (asking(SEED), "", NOT_SO),
    "over the body": (asking(SEED), "999", NOT_SO),
    "of 4,000 digits": (asking(SEED), "9" * 4000, NOT_SO),
    "zeros in front": (asking(SEED), "0" * 12 + "9" * 9, NOT_SO),
    "short of the JSON": (asking(SEED), "7", "the body is not JSON"),
    "short of the body": (asking(SEED) + bytes(3), str(len(asking(SEED))), "3 bytes behind"),
    "raw of 9 bytes": (bytes(9), "0", "binary_data_size is 9, INT64 [1, 1] has 8 bytes"),
    "raw of nothing": (b"", "0", "0 images are asked for"),
    "raw of too much": (bytes(8 * 65), "0", "65 images are asked for, expected 1 to 64"),
    "raw of no seed": (b"\xff" * 8, "0", "seed: found -1"),
}


@pytest.mark.parametrize(("body", "told"), JSON.values(), ids=JSON)
def test_26_what_lies_about_its_tensors_is_refused(body: bytes, told: str) -> None:
    with pytest.raises(ServiceError) as refused:
        infer.read(body, None, ENTRY, LIMIT)
    assert isinstance(refused.value, BadJSONError | InvalidRequestError)
    assert told in refused.value.detail


@pytest.mark.parametrize(("body", "length", "told"), LENGTHS.values(), ids=LENGTHS)
def test_26_what_lies_about_the_length_of_its_json_is_refused(
    body: bytes, length: str, told: str
) -> None:
    with pytest.raises(ServiceError) as refused:
        infer.read(body, length, ENTRY, LIMIT)
    assert isinstance(refused.value, BadJSONError | InvalidRequestError)
    assert told in refused.value.detail


def test_nan_is_refused_in_binary_too() -> None:
    with pytest.raises(InvalidRequestError, match="z: found nan, expected -100 to 100"):
        infer.read(
            *tritons.written(tritons.inputs(z=np.full((1, 8), np.nan, np.float32))), ENTRY, LIMIT
        )


@pytest.mark.parametrize(
    "body",
    [
        asking(SEED, parameters={"sequence_id": 3, "priority": 1, "mine": [None]}, stranger=1),
        asking(data(1, parameters={"content_type": "np"})),
        asking(SEED, outputs=[{"name": "png", "parameters": {"classification": 3}}]),
        asking(SEED, id=None, parameters=None, outputs=None),
        asking(data([[[1]]], shape=[1])),
        asking(binary(8)) + (1).to_bytes(8, "little"),
    ],
)
def test_what_the_protocol_allows_is_read(body: bytes) -> None:
    _, part = infer.read(body, str(body.rindex(b"}") + 1), ENTRY, LIMIT)
    assert part.seeds == [1]
