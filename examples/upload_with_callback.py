"""Upload some bytes, and let OSS tell a server of one's own about it."""

import argparse
import base64
import datetime
import json

import ossign as oss
import requests

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--region", required=True, help="such as cn-hangzhou")
parser.add_argument("--bucket", required=True, help="the bucket's name")
parser.add_argument("--endpoint", help="a host of its own, instead of the region's")
parser.add_argument("--key", required=True, help="the object's name")
parser.add_argument("--callback_url", default="http://www.example.com/callback")


def encoded(fields: dict[str, str]) -> str:
    """JSON as the callback headers carry it."""
    return base64.b64encode(json.dumps(fields).encode()).decode()


def main() -> None:
    """Presign a PutObject with a callback, then send the bytes with its headers."""
    args = parser.parse_args()

    cfg = oss.config.load_default()
    cfg.credentials_provider = oss.credentials.EnvironmentVariableCredentialsProvider()
    cfg.region = args.region
    if args.endpoint is not None:
        cfg.endpoint = args.endpoint
    client = oss.Client(cfg)

    # OSS fills in ${...}; names of one's own begin with "x:" and are lower case.
    callback = encoded(
        {
            "callbackUrl": args.callback_url,
            "callbackBody": "bucket=${bucket}&object=${object}&size=${size}&order=${x:order}",
            "callbackBodyType": "application/x-www-form-urlencoded",
        }
    )
    pre_result = client.presign(
        oss.PutObjectRequest(
            bucket=args.bucket,
            key=args.key,
            callback=callback,
            callback_var=encoded({"x:order": "4711"}),
        ),
        expires=datetime.timedelta(hours=1),
    )
    print(f"{pre_result.method} until {pre_result.expiration:%Y-%m-%dT%H:%M:%SZ}")
    print(pre_result.url)

    response = requests.put(
        pre_result.url, headers=pre_result.signed_headers, data=b"Hello, callback!", timeout=60
    )
    response.raise_for_status()
    # 203 means: the object is stored, but the callback failed.
    print(f"status {response.status_code}, the callback server said {response.text}")


if __name__ == "__main__":
    main()
