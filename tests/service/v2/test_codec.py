"""The codec against tritonclient's: what one writes the other reads, and nothing else passes."""

import base64
import json
from collections.abc import Mapping

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from service.exchange import read_json
from service.v2 import codec
from service.v2.codec import Answered
from service.v2.schemas import InferRequest
from tests.service.v2 import tritons

INTEGERS = st.integers(-(2**63), 2**63 - 1)
FLOATS = st.floats(width=32, allow_nan=False, allow_infinity=False)
SHAPES = arrays.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=4)
TENSORS = st.one_of(
    arrays.arrays(np.int64, SHAPES, elements=INTEGERS),
    arrays.arrays(np.float32, SHAPES, elements=FLOATS),
)


@given(st.dictionaries(st.text("abc", min_size=1), st.tuples(TENSORS, st.booleans()), max_size=4))
@settings(deadline=None)
def test_what_tritonclient_writes_is_read(named: Mapping[str, tuple[tritons.Array, bool]]) -> None:
    sent = [tritons.tensor(name, values, binary=b) for name, (values, b) in named.items()]
    head, content = codec.cut(*tritons.written(sent))
    found = codec.arrays(read_json(head, InferRequest).inputs, content)
    assert list(found) == list(named)
    for name, (values, _) in named.items():
        assert found[name].dtype == values.dtype
        assert np.array_equal(found[name], values)


@given(
    st.dictionaries(
        st.text("abc", min_size=1),
        st.tuples(arrays.arrays(np.uint8, SHAPES) | TENSORS, st.booleans()),
        max_size=4,
    ),
    st.lists(st.binary(max_size=20), max_size=4),
)
@settings(deadline=None)
def test_tritonclient_reads_what_is_written(
    named: Mapping[str, tuple[tritons.Array, bool]], files: list[bytes]
) -> None:
    datatypes = {**tritons.DATATYPES, "uint8": "UINT8"}
    sent = [
        Answered(name=name, datatype=datatypes[values.dtype.name], content=values, binary=binary)
        for name, (values, binary) in named.items()
    ]
    sent.append(Answered(name="files", datatype="BYTES", content=files, binary=True))
    result = tritons.read(*codec.write({"model_name": "m", "id": "é\n"}, sent))
    assert result.get_response()["id"] == "é\n"
    for name, (values, _) in named.items():
        assert np.array_equal(result.as_numpy(name), values)
    assert list(result.as_numpy("files")) == files


def test_bytes_are_base64_where_all_is_json() -> None:
    files = [b"\x89PNG", b""]
    sent = [Answered(name="png", datatype="BYTES", content=files, binary=False)]
    body, head = codec.write({"model_name": "m"}, sent)
    assert head is None
    (output,) = json.loads(body)["outputs"]
    assert [base64.b64decode(one) for one in output["data"]] == files
    assert output["parameters"] == {"content_type": "base64"}
    assert output["shape"] == [2]


def test_values_that_are_written_piece_by_piece_are_whole() -> None:
    values = np.arange(3 * codec.STEP + 1, dtype=np.int64).reshape(-1, 1)
    sent = [Answered(name="class", datatype="INT64", content=values, binary=False)]
    (output,) = json.loads(codec.write({"model_name": "m"}, sent)[0])["outputs"]
    assert output["data"] == values.reshape(-1).tolist()
