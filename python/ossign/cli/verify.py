"""`ossign verify`: whether OSS would accept a presigned URL, as far as a signature decides it."""

from __future__ import annotations

import argparse
import json

from . import address, settings
from .outcome import OK
from .shown import printable


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the URL, and what is sent with it."""
    parser.usage = "ossign verify URL [options]"
    parser.description = (
        "Check the signature, the time and the parameters of a presigned URL as OSS does, with the "
        "credentials of the environment or of a profile."
    )
    parser.epilog = (
        "examples:\n"
        "  ossign verify 'https://mybucket.oss-cn-hangzhou.aliyuncs.com/a.txt?x-oss-...'\n"
        "  ossign verify 'https://...' -X PUT -H 'Content-Type: image/jpeg' --profile dev\n"
        "\n"
        "The exit code is 0 if the URL is accepted, 1 if it is refused; the reason is one line."
    )
    address.add_request(parser, "the method of the request; GET if not given")
    parser.add_argument("--json", action="store_true", help="what the URL says, as JSON")
    settings.add_credentials(parser)
    parser.set_defaults(run=run, parser=parser)


def run(options: argparse.Namespace) -> int:
    """Print what an accepted URL says."""
    from ossign import verify

    facts = verify(
        address.url_of(options),
        method=options.method or "GET",
        credentials=settings.credentials_of(options),
        **address.details_of(options),
    )
    shown = facts.to_dict()
    if options.json:
        print(json.dumps(shown, indent=2))
    else:
        width = max(map(len, shown))
        print("accepted")
        for name, value in shown.items():
            if value in (None, "", [], {}):
                continue
            print(printable(f"  {name.replace('_', ' '):{width}}  {_text(value)}"))
    return OK


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{name}={text}" for name, text in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
