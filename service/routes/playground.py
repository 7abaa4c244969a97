"""`GET /`: the playground, made of the files that are shipped with the service and nothing else."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

import service
from service.routes.images import is_known

WEB = Path(service.__file__).parent / "web"
PAGE = "index.html"
TYPES: Mapping[str, str] = MappingProxyType(
    {
        ".html": "text/html",
        ".css": "text/css",
        ".js": "text/javascript",
        ".svg": "image/svg+xml",
    }
)
HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Cache-Control": "no-cache",  # a new version of the service has new ones at once
        "Content-Security-Policy": "default-src 'self'; img-src 'self' blob: data:; "
        "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
)


@dataclass(frozen=True, slots=True)
class File:
    """A file that is served as it is."""

    content: bytes
    media_type: str
    etag: str

    def answer(self, request: Request) -> Response:
        """Send it to who does not have it yet."""
        headers = {**HEADERS, "ETag": self.etag}
        if is_known(",".join(request.headers.getlist("if-none-match")), self.etag):
            return Response(status_code=304, headers=headers)
        return Response(self.content, media_type=self.media_type, headers=headers)


def read(path: Path) -> File:
    """Read a file once."""
    content = path.read_bytes()
    tag = hashlib.sha256(content).hexdigest()[:32]
    return File(content, TYPES[path.suffix], f'"{tag}"')


def routes(folder: Path = WEB) -> list[BaseRoute]:
    """Serve the files that are in the folder now; a name is looked up, never made into a path."""
    found = (path for path in folder.iterdir() if path.suffix in TYPES and path.is_file())
    table = {path.name: read(path) for path in found}

    async def read_page(request: Request) -> Response:
        request.state.route = "/"
        return table[PAGE].answer(request)

    async def read_file(request: Request) -> Response:
        request.state.route = "/web/{name}"
        file = table.get(request.path_params["name"])
        if file is None:
            raise HTTPException(404)
        return file.answer(request)

    return [Route("/", read_page), Route("/web/{name}", read_file)]
