"""Upload one file: python upload.py FILE CONTENT_TYPE. Needs the standard library only.

SERVICE is the service's address, APIKEY your key.
"""

from __future__ import annotations

import json
import os
import sys
import urllib.error
import urllib.request
from pathlib import Path


def presign(path: Path, content_type: str) -> dict[str, str]:
    """Ask for a URL."""
    body = json.dumps({"filename": path.name, "content_type": content_type}).encode()
    request = urllib.request.Request(
        f"{os.environ['SERVICE']}/api/oss/presign-put",
        data=body,
        headers={"Apikey": os.environ["APIKEY"], "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request) as response:
            return json.load(response)["data"]
    except urllib.error.HTTPError as error:
        raise SystemExit(json.load(error)["message"]) from None


def main() -> None:
    """Ask, then put the file where the answer says, as the type that it says."""
    path = Path(sys.argv[1])
    data = presign(path, sys.argv[2])
    with path.open("rb") as file:
        request = urllib.request.Request(
            data["upload_url"],
            data=file,
            method="PUT",
            headers={
                "Content-Type": data["content_type"],
                "Content-Length": str(path.stat().st_size),
            },
        )
        with urllib.request.urlopen(request):
            print(data["access_url"])


if __name__ == "__main__":
    main()
