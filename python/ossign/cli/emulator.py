"""`ossign emulator`: a local OSS that checks signatures and says why it refuses."""

from __future__ import annotations

import argparse
import os
import shlex
import sys

from . import open_files, settings
from .given import duration
from .outcome import OK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..testing import Emulator

_BANNER = """\
ossign emulator: a local OSS for development. It is no storage: keep nothing in it that you need.
  path style     {endpoint}/BUCKET/KEY
  virtual hosts  http://BUCKET.localhost:{port}/KEY
  region         {region}
  objects        {data}
Ctrl-C stops it. Refusals are explained below.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add where it listens and what it keeps."""
    parser.usage = "ossign emulator [options]"
    parser.description = (
        "Run a local OSS: it checks signatures, stores objects and refuses just as OSS does, and "
        "explains each refusal. For development, not for storage."
    )
    parser.epilog = (
        "examples:\n"
        "  ossign emulator --data ./objects\n"
        "  ossign emulator --port 0 --env --origin https://app.example.com\n"
        "\n"
        "Its address is the one line on standard output. Without --env or --profile it knows one\n"
        "AccessKey, which it prints as variables to be set where the client runs."
    )
    _add_place(parser)
    _add_behaviour(parser)
    settings.add_credentials(parser).add_argument(
        "--env", action="store_true", help="know the AccessKey of the environment or the profile"
    )
    parser.set_defaults(run=run, parser=parser)


def _add_place(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="where it listens; 127.0.0.1 if not given")
    add("--port", type=settings.port, default=9000, help="9000 if not given; 0 is a free one")
    add("--data", metavar="DIR", help="the folder of the objects; if not given, a temporary one")
    region = parser.add_mutually_exclusive_group()
    region.add_argument("--region", default="cn-hangzhou", help="cn-hangzhou if not given")
    region.add_argument("--any-region", action="store_true", help="take signatures for any region")
    add("--bucket", help="the bucket behind all hosts that name none: a domain of one's own")


def _add_behaviour(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "--origin",
        metavar="ORIGIN",
        action="append",
        help="a page that may ask (CORS), such as https://app.example.com; any if none is given",
    )
    add(
        "--clock-ahead",
        metavar="TIME",
        type=duration,
        help="let its clock be ahead, to see URLs expire",
    )
    add(
        "--callback-timeout",
        metavar="TIME",
        type=duration,
        help="how long an application may take to answer a callback; 5s if not given",
    )
    add("--log", choices=("text", "json", "off"), default="text", help="text, json or off")
    add("--verbose", "-v", action="store_true", help="log every request, not refusals alone")


def run(options: argparse.Namespace) -> int:
    """Run it until it is stopped."""
    from ..testing import run_emulator

    if options.data is not None:
        os.makedirs(options.data, exist_ok=True)  # an error of it names the folder
    open_files.allow_many()
    known = settings.credentials_now(options) if settings.asks_for_some(options) else None
    more = {}
    if options.callback_timeout is not None:
        more["callback_timeout"] = options.callback_timeout.total_seconds()
    try:
        run_emulator(
            lambda emulator: _announce(emulator, options, known is None),
            host=options.host,
            port=options.port,
            data=options.data,
            credentials=known,
            region=None if options.any_region else options.region,
            bucket=options.bucket,
            clock=int(options.clock_ahead.total_seconds()) if options.clock_ahead else 0,
            origins=options.origin or ("*",),
            log=options.log,
            log_level="info" if options.verbose else "warn",
            **more,
        )
    except KeyboardInterrupt:
        return OK  # it has stopped, as it was asked to
    except ValueError as error:
        options.parser.error(str(error))
    return OK


def _announce(emulator: Emulator, options: argparse.Namespace, show_variables: bool) -> None:
    """The address for programs, and the rest for people."""
    print(emulator.endpoint, flush=True)
    text = _BANNER.format(
        endpoint=emulator.endpoint,
        port=emulator.endpoint.rpartition(":")[2],
        region=emulator.region or "any",
        data=options.data or "in a temporary folder, gone when it stops",
    )
    sys.stderr.write(text)
    if show_variables:
        for name, value in emulator.environ.items():
            sys.stderr.write(f"export {name}={shlex.quote(value)}\n")
    sys.stderr.flush()
