"""`GET /docs` and `/openapi.json`: the API, to read and to try, without any other host."""

from importlib.resources import files
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>ganforge API</title>
<link rel="icon" href="docs/static/favicon-32x32.png">
<link rel="stylesheet" href="docs/static/swagger-ui.css">
</head>
<body>
<div id="ui"></div>
<script src="docs/static/swagger-ui-bundle.js"></script>
<script>SwaggerUIBundle({url: "openapi.json", dom_id: "#ui", deepLinking: true});</script>
</body>
</html>
"""


def routes(document: dict[str, Any]) -> list[BaseRoute]:
    """Serve the document, the page that shows it, and what that page needs."""

    async def read_document(request: Request) -> Response:
        return JSONResponse(document)

    async def read_page(request: Request) -> Response:
        return HTMLResponse(PAGE)

    assets = StaticFiles(directory=str(files("swagger_ui") / "static"))
    return [
        Route("/openapi.json", read_document),
        Route("/docs", read_page),
        Mount("/docs/static", assets),
    ]
