"""`ossign presign`: one URL, or one for each key of a file."""

from __future__ import annotations

import argparse
import sys

from . import fields, settings
from .bulk.options import add_options, check
from .given import duration
from .outcome import OK, Failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .._ossign import Client, PresignResult, Request

_SUMMARIES = {
    "put": "upload an object",
    "get": "download an object",
    "head": "read an object's metadata",
    "initiate": "begin a multipart upload",
    "part": "upload one part",
    "complete": "make an object of the uploaded parts",
    "abort": "give a multipart upload up",
}

_EXAMPLES = {
    "put": "  ossign presign put mybucket photos/cat.jpg --content-type image/jpeg --curl\n"
    "  ossign presign put mybucket notes.txt --meta author=me --expires 7d --json\n"
    "  ossign presign put mybucket a.bin --header 'x-oss-storage-class: IA' --python",
    "get": "  ossign presign get mybucket photos/cat.jpg --expires 15m\n"
    "  ossign presign get oss://mybucket/report.pdf "
    "--response-content-disposition 'attachment; filename=\"report.pdf\"'\n"
    "  ossign presign get mybucket a.jpg --endpoint https://img.example.com --cname",
    "head": "  ossign presign head mybucket photos/cat.jpg --curl",
    "initiate": "  ossign presign initiate mybucket video.mp4 --content-type video/mp4 --curl",
    "part": "  ossign presign part mybucket video.mp4 --upload-id ID --part-number 1 --curl",
    "complete": "  ossign presign complete mybucket video.mp4 --upload-id ID --curl\n"
    "  ossign presign complete mybucket video.mp4 --upload-id ID --complete-all yes --curl",
    "abort": "  ossign presign abort mybucket video.mp4 --upload-id ID --curl",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the seven operations, each with its own options."""
    parser.usage = "ossign presign OPERATION BUCKET KEY [options]"
    parser.epilog = "examples:\n" + "\n".join(_EXAMPLES[name].split("\n")[0] for name in _EXAMPLES)
    parser.epilog += "\n\n'ossign presign put --help' lists the options of an upload, and so on."
    operations = parser.add_subparsers(
        title="operations",
        metavar="OPERATION",
        required=True,
        dest="operation",
        prog="ossign presign",
    )
    for name, summary in _SUMMARIES.items():
        command = operations.add_parser(
            name,
            help=summary,
            description=f"Make a presigned URL to {summary} ({fields.OPERATIONS[name]}).",
            usage=f"ossign presign {name} BUCKET KEY [options]\n"
            f"       ossign presign {name} BUCKET --keys FILE --out FILE [options]",
            epilog=f"examples:\n{_EXAMPLES[name]}",
        )
        _add_options(command, name)
        command.set_defaults(run=run, parser=command)


def _add_options(parser: argparse.ArgumentParser, operation: str) -> None:
    parser.add_argument("bucket", metavar="BUCKET", help="or oss://BUCKET/KEY in one")
    parser.add_argument("key", metavar="KEY", nargs="?", help="the object's name")
    parser.add_argument(
        "--expires",
        metavar="TIME",
        type=duration,
        help="how long the URL is valid: 90s, 15m, 1h30m, 7d, or seconds; 15m if not given, "
        "at most 7d",
    )
    shown = parser.add_argument_group("output (the URL alone, if none is given)")
    one = shown.add_mutually_exclusive_group()
    one.add_argument("--json", action="store_true", help="URL, method, headers and end as JSON")
    one.add_argument("--curl", action="store_true", help="a curl command for a POSIX shell")
    one.add_argument("--python", action="store_true", help="a Python program (with requests)")
    one.add_argument("--js", action="store_true", help="a JavaScript module for Node.js")
    if fields_of_body(operation):
        shown.add_argument(
            "--file", metavar="FILE", help="the local file in these; if not given, the key's name"
        )
    add_options(parser)
    fields.add_fields(parser, operation)
    settings.add_place(parser)
    settings.add_signature(parser)
    settings.add_credentials(parser)


def fields_of_body(operation: str) -> bool:
    """Whether a local file goes with the operation."""
    return operation in ("put", "get", "part", "complete")


def run(options: argparse.Namespace) -> int:
    """Print what was asked for."""
    check(options)
    if options.keys is not None:
        return _many(options)
    bucket, key = _object_of(options)
    result = _signed(options, bucket, key)
    print(_shown(result, options, key))
    _remind(result, options)
    return OK


def _many(options: argparse.Namespace) -> int:
    """Sign a file of keys; what is wrong with all of them alike is found before the first."""
    if options.key is not None or options.bucket.startswith("oss://"):
        raise Failure("argument KEY: not allowed with --keys; BUCKET alone is given")
    from .bulk import sign

    client = _client(options)
    client.presign(request_of(options, options.bucket, "key"), expires=options.expires)
    template = request_of(options, options.bucket, None)
    return sign.run(options, sign.Signing(client, template, options))


def _object_of(options: argparse.Namespace) -> tuple[str, str]:
    """Bucket and key, given apart or as oss://BUCKET/KEY."""
    bucket, key = options.bucket, options.key
    if bucket.startswith("oss://"):
        if key is not None:
            raise Failure(f"argument KEY: {key!r} stands beside an oss:// address, which has one")
        bucket, _, key = bucket.removeprefix("oss://").partition("/")
    if not key:
        raise Failure(f"a KEY is needed (see 'ossign presign {options.operation} --help')")
    return bucket, key


def request_of(options: argparse.Namespace, bucket: str, key: str | None) -> Request:
    """The request that the options describe."""
    cls = fields.request_class(options.operation)
    return cls(bucket=bucket, key=key, **fields.fields_of(options))


def _signed(options: argparse.Namespace, bucket: str, key: str) -> PresignResult:
    request = request_of(options, bucket, key)
    return _client(options).presign(request, expires=options.expires)


def _client(options: argparse.Namespace) -> Client:
    from .._ossign import Client

    return Client(settings.config_of(options))


def _shown(result: PresignResult, options: argparse.Namespace, key: str) -> str:
    if options.json:
        return _json(result)
    from . import snippets

    file = getattr(options, "file", None) or snippets.local_file(options.operation, key)
    for name, make in (
        ("curl", snippets.curl),
        ("python", snippets.python),
        ("js", snippets.javascript),
    ):
        if getattr(options, name):
            return make(result, options.operation, file)
    return result.url


def _json(result: PresignResult) -> str:
    import json

    return json.dumps(
        {
            "method": result.method,
            "url": result.url,
            "expiration": result.expiration.isoformat(),
            "effective_expiration": result.effective_expiration.isoformat(),
            "signed_headers": dict(result.signed_headers),
            "request_headers": dict(result.request_headers),
        },
        indent=2,
    )


def _remind(result: PresignResult, options: argparse.Namespace) -> None:
    """Say to a person who sees the URL alone what must be sent with it."""
    asked = options.json or options.curl or options.python or options.js
    if asked or not result.request_headers or sys.stderr is None or not sys.stderr.isatty():
        return
    sys.stderr.write("send with it:\n")
    for name, value in result.request_headers.items():
        sys.stderr.write(f"  {name}: {value}\n")
