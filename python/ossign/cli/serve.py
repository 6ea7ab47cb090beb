"""`ossign serve`: the HTTP presign API as a server."""

from __future__ import annotations

import argparse
import json
import os
import sys

from . import open_files, settings
from .outcome import FILES, OK, UNCONFIGURED, USAGE, Failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..credentials import Credentials

_BANNER = """\
ossign serve: presigned upload URLs over HTTP, and a local OSS that forgets all in the end.
  try it   curl {url}/api/oss/presign-put --header 'Apikey: {key}' \\
             --json '{{"filename": "a.jpg", "content_type": "image/jpeg"}}'
  objects  {endpoint}/{bucket}/
Ctrl-C stops it.
"""
_DEMO_BUCKET = "demo-bucket"
_OPTIONS = ("host", "port", "bucket", "region", "log")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add where it listens and where its settings are."""
    parser.usage = "ossign serve [options]"
    parser.description = (
        "Serve the HTTP presign API: clients ask for a URL and upload straight to OSS. Settings "
        "come from OSSIGN_* variables and from a TOML file; docs/service-backend.md lists them."
    )
    parser.epilog = (
        "examples:\n"
        "  ossign serve --demo\n"
        "  ossign serve --config ossign.toml --port 8080\n"
        "\n"
        "Its address is the one line on standard output. SIGTERM stops it once all requests are\n"
        "answered; SIGHUP reads the API keys of the file anew."
    )
    add = parser.add_argument
    add("--config", metavar="FILE", help="a TOML file of settings; variables override it")
    add("--host", help="where it listens; 127.0.0.1 if not given")
    add("--port", type=settings.port, help="8000 if not given; 0 is a free one")
    add("--bucket", help="where files go")
    add("--region", help="such as cn-hangzhou")
    add("--log", choices=("text", "json", "off"), help="json if not given")
    add("--demo", action="store_true", help="with a local OSS behind it and an API key made for it")
    settings.add_credentials(parser)
    parser.set_defaults(run=run, parser=parser)


def run(options: argparse.Namespace) -> int:
    """Serve until stopped."""
    given = {name: getattr(options, name) for name in _OPTIONS}
    given = {name: value for name, value in given.items() if value is not None}
    open_files.allow_many()
    try:
        if options.demo:
            _demo(given, options.config)
        else:
            provider = None
            if options.profile or options.config_file or os.environ.get("OSS_PROFILE"):
                settings.credentials_now(options)  # What is wrong with a profile is said here.
                provider = lambda: settings.credentials_now(options)  # noqa: E731
            _serve(given, options.config, provider, None)
    except KeyboardInterrupt:
        return OK  # It has stopped, as it was asked to.
    return OK


def _serve(
    given: Mapping[str, object],
    file: str | None,
    provider: Callable[[], Credentials] | None,
    banner: Callable[[str], str] | None,
) -> None:
    from .._ossign import PresignServer

    # JSON's texts and numbers, and lists and tables of them, are TOML's; only the `:` is not.
    overrides = "".join(f"{name} = {_toml(value)}\n" for name, value in given.items())
    try:
        server = PresignServer(
            dict(os.environ),
            file,
            overrides=overrides,
            credentials_provider=provider,
            signals=True,
        )
    except ValueError as error:
        raise _failure(str(error)) from None
    print(server.url if banner is None else banner(server.url), flush=True)
    server.wait()


def _failure(words: str) -> Failure:
    if words.startswith(("OSS_", "OSSIGN_REGION")):
        return Failure(words, UNCONFIGURED)
    is_file = words.startswith("cannot ") or ": cannot " in words
    return Failure(words, FILES if is_file else USAGE)


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{name} = {_toml(inner)}' for name, inner in value.items())} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(value)


def _demo(given: dict[str, object], file: str | None) -> None:
    """Serve with the emulator behind, and with a key that stands in the address to open."""
    import hashlib
    import secrets

    from ..testing import Emulator

    key = secrets.token_urlsafe(24)
    digest = hashlib.sha256(key.encode()).hexdigest()
    bucket = str(given.setdefault("bucket", _DEMO_BUCKET))
    with Emulator(log="off", region=None) as emulator:
        given |= {
            "endpoint": emulator.endpoint,
            "region": given.get("region", "cn-hangzhou"),
            "address_style": "path",
            "access_url": "presigned",
            "multipart": True,
            "api_keys": [{"name": "demo", "sha256": digest}],
            "log": given.get("log", "text"),
        }

        def banner(url: str) -> str:
            words = _BANNER.format(url=url, key=key, endpoint=emulator.endpoint, bucket=bucket)
            sys.stderr.write(words)
            sys.stderr.flush()
            return f"{url}/#key={key}"

        _serve(given, file, lambda: emulator.credentials, banner)
