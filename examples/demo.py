"""Upload a file to a local OSS by a presigned URL, download it by another, and see one refused.

    python examples/demo.py [FILE]

Nothing leaves this machine: the local OSS is `ossign.testing.Emulator`, which checks signatures as
OSS does. The upload and the download are done by curl; where it is missing, by Python.
"""

from __future__ import annotations

import datetime
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

import ossign as oss
from ossign.testing import Emulator

BUCKET, KEY = "examplebucket", "exampledir/一个 file+1.txt"
HOUR = datetime.timedelta(hours=1)


def show(title: str, result: oss.PresignResult) -> None:
    """Print one presigned URL as a client needs it."""
    print(f"\n{title}: {result.method}, until {result.expiration:%Y-%m-%d %H:%M:%S} UTC")
    print(f"  {result.url}")
    for name, value in result.request_headers.items():
        print(f"  {name}: {value}")


def send(result: oss.PresignResult, headers: dict[str, str], body: Path | None, to: Path) -> int:
    """Send the request as any client would; the answer goes into a file. Returns the status."""
    if shutil.which("curl"):
        words = ["curl", "--silent", "--show-error", "--noproxy", "*", "--output", str(to)]
        words += ["--write-out", "%{http_code}", "--request", result.method]
        words += [word for name, value in headers.items() for word in ("-H", f"{name}: {value}")]
        words += ["--upload-file", str(body)] if body else []
        return int(subprocess.run([*words, result.url], check=True, stdout=subprocess.PIPE).stdout)
    data = body.read_bytes() if body else None
    request = urllib.request.Request(result.url, data, headers, method=result.method)
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(request) as response:
            to.write_bytes(response.read())
            return int(response.status)
    except urllib.error.HTTPError as error:
        to.write_bytes(error.read())
        return error.code


def main(file: Path, answer: Path) -> None:
    """The whole round."""
    print(f"ossign {oss.__version__}, client: {'curl' if shutil.which('curl') else 'Python'}")
    with Emulator(log="off") as emulator:
        client = emulator.client()

        put = client.presign(
            oss.PutObjectRequest(bucket=BUCKET, key=KEY, content_type="text/plain"), expires=HOUR
        )
        show("Upload", put)
        print(f"  -> status {send(put, put.request_headers, file, answer)}")

        get = client.presign(oss.GetObjectRequest(bucket=BUCKET, key=KEY), expires=HOUR)
        show("Download", get)
        print(f"  -> status {send(get, {}, None, answer)}")
        assert answer.read_bytes() == file.read_bytes()
        print(f"  -> the same {file.stat().st_size:,} bytes as in {file.name}")

        spoiled = {"Content-Type": "text/html"}
        print("\nThe same upload, but the client says that the file is HTML:")
        print(f"  -> status {send(put, spoiled, file, answer)}")
        report = oss.explain(
            put.url,
            method="PUT",
            headers=spoiled,
            credentials=emulator.credentials,
            server_error=answer.read_bytes(),
        )
        print("\nWhat oss.explain says of that:\n")
        print(report)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        main(Path(sys.argv[1] if len(sys.argv) > 1 else __file__), Path(folder, "answer"))
