"""Upload some bytes with a content type, a storage class and metadata, all of them signed."""

import argparse
import datetime

import ossign as oss
import requests

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--region", required=True, help="such as cn-hangzhou")
parser.add_argument("--bucket", required=True, help="the bucket's name")
parser.add_argument("--endpoint", help="a host of its own, instead of the region's")
parser.add_argument("--key", required=True, help="the object's name")


def main() -> None:
    """Presign a PutObject with headers, then send the bytes with exactly these."""
    args = parser.parse_args()

    cfg = oss.config.load_default()
    cfg.credentials_provider = oss.credentials.EnvironmentVariableCredentialsProvider()
    cfg.region = args.region
    if args.endpoint is not None:
        cfg.endpoint = args.endpoint
    client = oss.Client(cfg)

    pre_result = client.presign(
        oss.PutObjectRequest(
            bucket=args.bucket,
            key=args.key,
            content_type="text/plain; charset=utf-8",
            storage_class=oss.StorageClassType.STANDARD,
            metadata={"author": "somebody", "purpose": "a sample"},
        ),
        expires=datetime.timedelta(hours=1),
    )
    print(f"{pre_result.method} until {pre_result.expiration:%Y-%m-%dT%H:%M:%SZ}")
    print(pre_result.url)
    for name, value in pre_result.signed_headers.items():
        print(f"  {name}: {value}")

    # Whoever uploads must send these headers, letter for letter.
    response = requests.put(
        pre_result.url, headers=pre_result.signed_headers, data="你好, OSS!".encode(), timeout=60
    )
    print(f"status {response.status_code}, ETag {response.headers.get('ETag')}")
    response.raise_for_status()


if __name__ == "__main__":
    main()
