"""Presign an upload and a download, and print what a client needs of them. Sends nothing.

Credentials come from OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET and, for temporary ones,
OSS_SESSION_TOKEN; the region from OSS_REGION. Without them sample values stand in: the URLs then
look right, and OSS refuses them.
"""

from __future__ import annotations

import datetime
import os

import ossign as oss

BUCKET = "examplebucket"
KEY = "exampledir/exampleobject.txt"
REGION = "cn-hangzhou"


def credentials() -> oss.CredentialsProvider:
    """From the environment; without any there, a sample."""
    try:
        provider = oss.credentials.EnvironmentVariableCredentialsProvider()
    except oss.credentials.CredentialsEmptyError:
        print("Credentials: samples, because the environment has none")
        return oss.credentials.StaticCredentialsProvider("sample-key-id", "sample-key-secret")
    print("Credentials: from the environment")
    return provider


def show(title: str, result: oss.PresignResult) -> None:
    """Print one presigned URL as a client needs it."""
    print(f"\n{title}")
    print(f"  method      {result.method}")
    print(f"  url         {result.url}")
    print(f"  expiration  {result.expiration:%Y-%m-%d %H:%M:%S} UTC")
    headers = result.request_headers
    print(f"  headers     {'none needed' if not headers else ''}".rstrip())
    for name, value in headers.items():
        signed = "signed" if name in result.signed_headers else "not signed"
        print(f"    {name}: {value}   ({signed})")


def main() -> None:
    """Presign a PutObject and a GetObject for the sample bucket and key of the README."""
    print(f"ossign {oss.__version__}")
    config = oss.config.load_default()
    config.credentials_provider = credentials()
    config.region = os.environ.get("OSS_REGION") or REGION
    client = oss.Client(config)

    put = oss.PutObjectRequest(
        bucket=BUCKET,
        key=KEY,
        content_type="text/plain",
        cache_control="no-cache",
        metadata={"author": "ossign"},
    )
    show("PutObject, for one hour", client.presign(put, expires=datetime.timedelta(hours=1)))

    get = oss.GetObjectRequest(bucket=BUCKET, key=KEY)
    show("GetObject, for ten minutes", client.presign(get, expires=datetime.timedelta(minutes=10)))


if __name__ == "__main__":
    main()
