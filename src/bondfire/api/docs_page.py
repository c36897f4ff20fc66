"""The page to read and try the API (Swagger UI), served from here: it works without the internet."""

import base64
import re
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Final

from fastapi import APIRouter, Response
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse, RedirectResponse

from bondfire.api.problems import UnknownRoute

router = APIRouter(include_in_schema=False)

_ASSETS: Final = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "favicon-32x32.png": "image/png",
}
_PARAMETERS: Final = {
    "persistAuthorization": True,
    "displayRequestDuration": True,
    "defaultModelsExpandDepth": 0,
    "docExpansion": "list",
    "tryItOutEnabled": True,
    "validatorUrl": None,
}


@router.get("/")
def home() -> RedirectResponse:
    """Whoever comes to the door finds the page."""
    return RedirectResponse("/docs")


@router.get("/docs")
def docs() -> HTMLResponse:
    """Swagger UI over /openapi.json."""
    page = get_swagger_ui_html(
        openapi_url="/openapi.json",
        title="bondfire API",
        swagger_js_url="/docs/swagger-ui-bundle.js",
        swagger_css_url="/docs/swagger-ui.css",
        swagger_favicon_url="/docs/favicon-32x32.png",
        swagger_ui_parameters=dict(_PARAMETERS),
    )
    page.headers["Content-Security-Policy"] = _policy(bytes(page.body).decode())
    return page


def _policy(page: str) -> str:
    """Only what comes from here may run, and of scripts in the page itself only the one that is there."""
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    hashes = (base64.b64encode(sha256(script.encode()).digest()).decode() for script in scripts)
    allowed = " ".join(f"'sha256-{digest}'" for digest in hashes)
    return (
        f"default-src 'none'; script-src 'self' {allowed}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )


@router.get("/docs/{asset}")
def docs_asset(asset: str) -> Response:
    """A file of Swagger UI."""
    if asset not in _ASSETS:
        raise UnknownRoute(f"There is nothing at /docs/{asset}.", next_step="See /docs.")
    kept = {"Cache-Control": "public, max-age=86400"}
    return Response(_read(asset), media_type=_ASSETS[asset], headers=kept)


@cache
def _read(asset: str) -> bytes:
    return files("fastapi_swagger").joinpath("resources", asset).read_bytes()
