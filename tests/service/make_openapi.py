"""Write src/api/openapi.json: what FastAPI makes of the router, without what belongs to an app."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from ossign.fastapi import presign_router

DOCUMENT = Path(__file__).parents[2] / "src" / "api" / "openapi.json"
ABOUT = """Presigned URLs to upload files to Alibaba Cloud OSS.

Ask for a URL, then PUT the file's bytes there with exactly the `content_type` of the answer. Once
it is uploaded, the file can be read at `access_url`."""


def generated() -> dict[str, Any]:
    """The document of an app that has nothing but the router."""
    app = FastAPI(title="Presigned uploads", version="1", description=ABOUT)
    app.include_router(presign_router(None, bucket="examplebucket", api_keys=["any"]))
    return app.openapi()


def main() -> None:
    """Write the file anew."""
    text = json.dumps(generated(), indent=1, ensure_ascii=False)
    DOCUMENT.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
