"""What requests of the Open Inference Protocol say: what is unknown in them is let be."""

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from service.schemas import Body

Size = Annotated[int, Field(ge=0, lt=2**63)]
Named = Annotated[str, Field(max_length=200)]


class Open(Body):
    """A part of a request in which the protocol allows fields that mean nothing here."""

    model_config = ConfigDict(extra="ignore")


class InputParameters(Open):
    """How a tensor comes, if not as `data`."""

    binary_data_size: Size | None = Field(
        None, description="bytes of the tensor, which stand behind the JSON"
    )
    shared_memory_region: Any = Field(None, description="refused: there is no shared memory")


class Input(Open):
    """A tensor; `data` is flat or nested, row after row."""

    name: Named = Field(examples=["seed"])
    shape: list[Size] = Field(max_length=8, examples=[[1, 1]])
    datatype: Named = Field(examples=["INT64"])
    parameters: InputParameters | None = None
    data: list[Any] | None = Field(None, examples=[[7]])


class OutputParameters(Open):
    """How a tensor is to be sent."""

    binary_data: bool | None = Field(None, description="behind the JSON, and not in it")
    shared_memory_region: Any = Field(None, description="refused: there is no shared memory")


class Output(Open):
    """A tensor that is wanted."""

    name: Named = Field(examples=["image"])
    parameters: OutputParameters | None = None


class InferParameters(Open):
    """What holds for the whole request."""

    binary_data_output: bool = Field(
        False, description="outputs are binary where they do not say otherwise"
    )


class InferRequest(Open):
    """Ask for images as tensors."""

    id: str | None = Field(None, description="comes back in the answer")
    parameters: InferParameters | None = None
    inputs: list[Input] = Field(max_length=16)
    outputs: list[Output] | None = Field(
        None, max_length=16, description="all that the model has, where none is named"
    )


class IndexRequest(Open):
    """Ask which models there are."""

    ready: bool = Field(False, description="only those that serve")


class ControlRequest(Open):
    """Ask for a model to be loaded or unloaded: as its file is, nothing in its place."""

    parameters: dict[str, Any] = Field({}, description="`config` and `file:…` are refused")
