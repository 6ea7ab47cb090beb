"""Upload some bytes through a presigned URL."""

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
    """Presign a PutObject, then send the bytes as anybody who has the URL could."""
    args = parser.parse_args()

    cfg = oss.config.load_default()
    cfg.credentials_provider = oss.credentials.EnvironmentVariableCredentialsProvider()
    cfg.region = args.region
    if args.endpoint is not None:
        cfg.endpoint = args.endpoint
    client = oss.Client(cfg)

    pre_result = client.presign(
        oss.PutObjectRequest(bucket=args.bucket, key=args.key),
        expires=datetime.timedelta(hours=1),
    )
    print(f"{pre_result.method} until {pre_result.expiration:%Y-%m-%dT%H:%M:%SZ}")
    print(pre_result.url)

    # No Content-Type was signed, so none may be sent: bytes make requests add none.
    response = requests.put(pre_result.url, data=b"Hello, OSS!", timeout=60)
    print(f"status {response.status_code}, ETag {response.headers.get('ETag')}")
    response.raise_for_status()


if __name__ == "__main__":
    main()
