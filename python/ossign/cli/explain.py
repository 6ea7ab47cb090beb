"""`ossign explain`: why OSS refuses a presigned URL, and what to do about it."""

from __future__ import annotations

import argparse
import json

from . import address, settings
from .outcome import OK, REFUSED, Failure
from .shown import wants_color

_LARGEST_ERROR = 1 << 20  # bytes of an error of OSS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the URL, what was sent, and what OSS answered."""
    parser.usage = "ossign explain URL [options]"
    parser.description = (
        "Say why OSS refuses a presigned URL. Without credentials, by what can be seen; with the "
        "error that OSS answered, line by line; with --env, by trying what may have gone wrong."
    )
    parser.epilog = (
        "examples:\n"
        "  ossign explain 'https://mybucket.oss-cn-hangzhou.aliyuncs.com/a.txt?x-oss-...'\n"
        "  ossign explain 'https://...' -X PUT -H 'Content-Type: image/jpeg' --env\n"
        "  ossign explain 'https://...' --error error.xml\n"
        "  xclip -o | ossign explain - --json\n"
        "\n"
        "The exit code is 1 if a cause is found, 0 if nothing is wrong."
    )
    address.add_request(parser, "the method of the request that failed")
    parser.add_argument(
        "--error", metavar="FILE", help="the XML that OSS answered; - for standard input"
    )
    parser.add_argument("--json", action="store_true", help="the report as JSON")
    settings.add_credentials(parser).add_argument(
        "--env", action="store_true", help="search with those of the environment or the profile"
    )
    parser.set_defaults(run=run, parser=parser)


def run(options: argparse.Namespace) -> int:
    """Print the report."""
    from ossign import explain

    if options.url == "-" and options.error == "-":
        raise Failure("the URL and --error cannot both come from standard input")
    report = explain(
        address.url_of(options),
        method=options.method,
        credentials=settings.credentials_of(options) if settings.asks_for_some(options) else None,
        server_error=_server_error(options.error),
        **address.details_of(options),
    )
    if options.json:
        print(json.dumps(report.to_dict(), indent=2))
    else:
        print(report.text(color=wants_color()))
    return OK if report.ok else REFUSED


def _server_error(file: str | None) -> str | None:
    if file is None:
        return None
    if file == "-":
        return address.standard_input(_LARGEST_ERROR).decode("utf-8", "replace")
    with open(file, "rb") as opened:
        data = opened.read(_LARGEST_ERROR + 1)
    if len(data) > _LARGEST_ERROR:
        raise Failure(f"argument --error: {file!r} is too large for an error of OSS")
    return data.decode("utf-8", "replace")
