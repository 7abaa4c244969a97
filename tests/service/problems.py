"""What every answer that a request does not fit has to say of the fields at fault."""

from typing import Any


def check(problem: dict[str, Any]) -> None:
    """See whether a problem of status 422 lists each field, and begins with the first."""
    assert problem["status"] == 422
    for error in problem["errors"]:
        assert error.keys() == {"field", "message", "found"}
    first = problem["errors"][0]
    assert problem["detail"].startswith(f"{first['field'] or 'body'}: {first['message']}")
