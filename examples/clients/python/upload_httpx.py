"""Upload a file by a presigned URL, with httpx.

    python upload_httpx.py URL FILE ["Name: value" ...]

URL and headers are what the backend answered: the `url` and `request_headers` of its presigning.

    plain:                 python upload_httpx.py "$url" report.pdf
    headers and metadata:  ... "Content-Type: text/plain" "x-oss-meta-author: ann"
    callback:              ... "x-oss-callback: eyJj..."
"""

from __future__ import annotations

import os
import sys
from xml.etree import ElementTree

import httpx


class UploadError(Exception):
    """OSS did not answer 200."""


def upload(url: str, file: str, headers: dict[str, str]) -> httpx.Response:
    """PUT the file with exactly these headers.

    An open file is streamed. Its length has to be said, or it is sent in chunks. `content=` adds no
    Content-Type; `data=`, `json=` and `files=` do.
    """
    length = {"Content-Length": str(os.path.getsize(file))}
    with open(file, "rb") as opened:
        answer = httpx.put(url, content=opened, headers={**headers, **length}, timeout=300)
    # 203 is no success: the object is stored, but the callback failed. (httpx: is_success.)
    if answer.status_code != 200:
        raise UploadError(explanation(answer.status_code, answer.content))
    return answer


def explanation(status: int, body: bytes) -> str:
    """What OSS's XML says of the error."""
    try:
        error = ElementTree.fromstring(body)
    except ElementTree.ParseError:
        return f"OSS answered {status}"
    code, ec, message = (error.findtext(name, "") for name in ("Code", "EC", "Message"))
    return f"OSS answered {status} {code} (EC {ec}): {message}"


def main() -> None:
    """Upload what the command line names."""
    url, file, *lines = sys.argv[1:]
    headers = dict(line.split(": ", 1) for line in lines)
    try:
        answer = upload(url, file, headers)
    except (UploadError, httpx.HTTPError) as error:
        sys.exit(str(error))
    print("ETag", answer.headers["ETag"])
    # With a callback, this is what the application said.
    print(answer.content.decode())


if __name__ == "__main__":
    main()
