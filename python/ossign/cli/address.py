"""A URL to be looked at, as it comes from a command line: whole, from standard input, or cut."""

from __future__ import annotations

import argparse
import sys

from .given import header, moment
from .outcome import FILES, Failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_LONGEST = 1 << 20  # bytes; OSS takes far less


def add_request(parser: argparse.ArgumentParser, method: str) -> None:
    """Add the URL, and what was sent with it."""
    add = parser.add_argument
    add(
        "url",
        metavar="URL",
        help="in single quotes; or - to read it from standard input, where "
        "no shell cuts it at its &",
    )
    add("--method", "-X", metavar="METHOD", type=_method, help=method)
    sent = parser.add_mutually_exclusive_group()
    sent.add_argument(
        "--header",
        "-H",
        metavar="'NAME: VALUE'",
        type=header,
        action="append",
        default=[],
        help="a header that was sent; may be repeated",
    )
    sent.add_argument("--no-headers", action="store_true", help="none was sent")
    add("--bucket", help="of a URL whose host is a domain of one's own")
    add("--region", help="the bucket's")
    add("--endpoint", metavar="HOST", help="a host of one's own that serves many buckets")
    add(
        "--source-ip",
        metavar="ADDRESS",
        type=_source_ip,
        help="where it came from, for a URL that is bound to addresses",
    )
    add("--at", metavar="TIME", type=moment, help="as if it were then: 2026-01-31T12:00:00Z")


def url_of(options: argparse.Namespace) -> str:
    """The URL; a note goes to standard error if a shell seems to have cut it.

    Raises:
        Failure: There is none, or nothing that could be one.
    """
    url: str = options.url
    if url == "-":
        url = standard_input(_LONGEST).decode("utf-8", "surrogateescape")
    url = url.strip()
    if not url:
        raise Failure("the URL is empty")
    if "://" not in url:
        raise Failure(f"{url[:60]!r} is no URL: it has no https:// or http://")
    if _seems_cut(url):
        sys.stderr.write(
            "ossign: note: the URL ends after its first parameter. A shell cuts an unquoted URL at "
            "'&': put it in single quotes, or give - and paste it\n"
        )
    return url


def standard_input(longest: int) -> bytes:
    """All of standard input.

    Raises:
        Failure: It is closed, or has more than `longest` bytes.
    """
    if sys.stdin is None:
        raise Failure("standard input is closed", FILES)
    data = sys.stdin.buffer.read(longest + 1)
    if len(data) > longest:
        raise Failure(f"standard input has more than {longest} bytes")
    return data


def details_of(options: argparse.Namespace) -> dict[str, Any]:
    """What the options say of the request, as keywords of `verify` and `explain`."""
    headers = options.header or ([] if options.no_headers else None)
    return {
        "headers": headers,
        "bucket": options.bucket,
        "region": options.region,
        "endpoint": options.endpoint,
        "source_ip": options.source_ip,
        "now": options.at,
    }


def _source_ip(text: str) -> str:
    from ipaddress import ip_address

    try:
        return str(ip_address(text))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no IP address") from None


def _seems_cut(url: str) -> bool:
    """Whether there is one parameter only, and no signature, which is what a shell leaves."""
    query = url.partition("?")[2]
    return bool(query) and "&" not in query and "signature=" not in query.lower()


def _method(text: str) -> str:
    if not text.isascii() or not text.isalpha() or len(text) > 20:
        raise argparse.ArgumentTypeError(f"{text!r} is no HTTP method")
    return text.upper()
