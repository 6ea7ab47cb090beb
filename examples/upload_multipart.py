"""Upload a file in parts, each through a presigned URL of its own."""

import argparse
import datetime
import os

import ossign as oss
import requests

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--region", required=True, help="such as cn-hangzhou")
parser.add_argument("--bucket", required=True, help="the bucket's name")
parser.add_argument("--endpoint", help="a host of its own, instead of the region's")
parser.add_argument("--key", required=True, help="the object's name")
parser.add_argument("--file_path", required=True, help="the file to upload")
parser.add_argument("--part_size", type=int, default=1024 * 1024, help="bytes, at least 102400")

VALID = datetime.timedelta(hours=1)


def main() -> None:
    """Initiate, upload part by part, complete: three operations, each presigned."""
    args = parser.parse_args()

    cfg = oss.config.load_default()
    cfg.credentials_provider = oss.credentials.EnvironmentVariableCredentialsProvider()
    cfg.region = args.region
    if args.endpoint is not None:
        cfg.endpoint = args.endpoint
    client = oss.Client(cfg)

    upload_id = initiate(client, args.bucket, args.key)
    print(f"upload id {upload_id}")
    parts = upload_parts(client, args, upload_id)
    complete(client, args.bucket, args.key, upload_id, parts)


def initiate(client: oss.Client, bucket: str, key: str) -> str:
    """Begin the upload; its id stands in the answer's XML."""
    request = oss.InitiateMultipartUploadRequest(bucket=bucket, key=key)
    pre_result = client.presign(request, expires=VALID)
    response = requests.post(pre_result.url, headers=pre_result.signed_headers, timeout=60)
    response.raise_for_status()
    result = oss.InitiateMultipartUploadResult()
    oss.serde.deserialize_xml(xml_data=response.content, obj=result)
    return result.upload_id


def upload_parts(
    client: oss.Client, args: argparse.Namespace, upload_id: str
) -> list[oss.UploadPart]:
    """Send the file piece by piece; each answer names the ETag of its part."""
    parts = []
    size = os.path.getsize(args.file_path)
    with open(args.file_path, "rb") as file:
        for number, start in enumerate(range(0, size, args.part_size), 1):
            length = min(args.part_size, size - start)
            section = oss.io_utils.SectionReader(oss.io_utils.ReadAtReader(file), start, length)
            request = oss.UploadPartRequest(
                bucket=args.bucket, key=args.key, upload_id=upload_id, part_number=number
            )
            pre_result = client.presign(request, expires=VALID)
            response = requests.put(
                pre_result.url, headers=pre_result.signed_headers, data=section, timeout=60
            )
            response.raise_for_status()
            etag = response.headers["ETag"]
            print(f"part {number}: {length} bytes, ETag {etag}")
            parts.append(oss.UploadPart(part_number=number, etag=etag))
    return parts


def complete(
    client: oss.Client, bucket: str, key: str, upload_id: str, parts: list[oss.UploadPart]
) -> None:
    """Make one object of the parts. The list of parts is the body, which is not signed."""
    request = oss.CompleteMultipartUploadRequest(
        bucket=bucket,
        key=key,
        upload_id=upload_id,
        complete_multipart_upload=oss.CompleteMultipartUpload(parts=parts),
    )
    op_input = oss.serde.serialize_input(
        request,
        oss.OperationInput(op_name="CompleteMultipartUpload", method="POST", bucket=bucket),
    )
    pre_result = client.presign(request, expires=VALID)
    response = requests.post(
        pre_result.url, headers=pre_result.signed_headers, data=op_input.body, timeout=60
    )
    response.raise_for_status()
    result = oss.CompleteMultipartUploadResult()
    oss.serde.deserialize_xml(xml_data=response.content, obj=result)
    print(f"complete: {result.location}, ETag {result.etag}")


if __name__ == "__main__":
    main()
