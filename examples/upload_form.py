"""Upload a file with an HTML form of bounded size, as a browser does, and be told by OSS.

    python examples/upload_form.py --region cn-hangzhou --bucket examplebucket --file photo.png \
        [--endpoint http://127.0.0.1:9000] [--callback https://app.example.com/uploaded]

The credentials come from OSS_ACCESS_KEY_ID and OSS_ACCESS_KEY_SECRET.
"""

import argparse
import datetime
import mimetypes
import pathlib

import ossign as oss
import requests


def main() -> None:
    """Presign a form, fill it in, and post it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--region", required=True)
    parser.add_argument("--endpoint")
    parser.add_argument("--bucket", required=True)
    parser.add_argument("--file", type=pathlib.Path, required=True)
    parser.add_argument("--largest", type=int, default=10 * 1024 * 1024, help="bytes")
    parser.add_argument("--callback", help="a URL that OSS is to tell")
    args = parser.parse_args()

    # The server's part.
    config = oss.Config(
        region=args.region,
        endpoint=args.endpoint,
        credentials_provider=oss.credentials.EnvironmentVariableCredentialsProvider(),
    )
    callback = args.callback and oss.Callback(
        url=args.callback,
        body='{"object":${object},"size":${size},"type":${mimeType}}',
        body_type="application/json",
    )
    post = oss.Client(config).presign_post(
        args.bucket,
        "uploads/${filename}",
        content_length_range=(1, args.largest),
        conditions=[oss.Condition.starts_with("content-type", "image/")],
        callback=callback or None,
        expires=datetime.timedelta(minutes=10),
    )

    # The browser's part: the fields, what they leave open, and the file at the end.
    kind = mimetypes.guess_type(args.file)[0] or "application/octet-stream"
    fields = {**post.fields, "Content-Type": kind}
    with args.file.open("rb") as file:
        answer = requests.post(post.url, data=fields, files={"file": (args.file.name, file)})
    # Not answer.ok: 203 says that the object is stored, but the callback failed.
    print(answer.status_code, answer.text)


if __name__ == "__main__":
    main()
