"""Who signs and for where: the options and variables that make a `Config`."""

from __future__ import annotations

import argparse
import os

from .outcome import UNCONFIGURED, Failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config import Config
    from ..credentials import Credentials
    from ..profiles import Profile
    from ..types import CredentialsProvider

# The SDK's variables first, then those of Alibaba Cloud's other tools.
_VARIABLES = (
    ("OSS_ACCESS_KEY_ID", "OSS_ACCESS_KEY_SECRET", "OSS_SESSION_TOKEN"),
    (
        "ALIBABA_CLOUD_ACCESS_KEY_ID",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
        "ALIBABA_CLOUD_SECURITY_TOKEN",
    ),
)


def add_credentials(parser: argparse.ArgumentParser) -> argparse._ArgumentGroup:
    """Add the options that choose a profile, in a group of their own."""
    group = parser.add_argument_group("credentials")
    group.add_argument(
        "--profile",
        metavar="NAME",
        help="a profile of the file, in place of the environment's credentials (OSS_PROFILE)",
    )
    group.add_argument(
        "--config-file",
        metavar="FILE",
        help="of ossutil or the Alibaba Cloud CLI; if not given, ~/.ossutilconfig, then "
        "~/.aliyun/config.json (OSS_CONFIG_FILE)",
    )
    return group


def add_place(parser: argparse.ArgumentParser) -> None:
    """Add the options that choose region, host and address style."""
    group = parser.add_argument_group("where")
    group.add_argument("--region", help="such as cn-hangzhou; if not given, OSS_REGION's")
    group.add_argument(
        "--endpoint",
        metavar="HOST",
        help="in place of the region's host; may have scheme and port (OSS_ENDPOINT)",
    )
    style = group.add_mutually_exclusive_group()
    style.add_argument(
        "--cname", action="store_true", help="the endpoint is the bucket's own domain"
    )
    style.add_argument("--path-style", action="store_true", help="the bucket stands in the path")
    host = group.add_mutually_exclusive_group()
    host.add_argument("--internal", action="store_true", help="the host inside Alibaba Cloud")
    host.add_argument("--dualstack", action="store_true", help="the host with IPv4 and IPv6")
    host.add_argument("--accelerate", action="store_true", help="the acceleration host")
    host.add_argument(
        "--accelerate-overseas", action="store_true", help="the one for outside mainland China"
    )
    group.add_argument("--http", action="store_true", help="http instead of https")


def add_signature(parser: argparse.ArgumentParser) -> None:
    """Add the options that choose how the signature is made."""
    group = parser.add_argument_group("signature")
    group.add_argument("--v1", action="store_true", help="signature version 1, for old systems")
    group.add_argument(
        "--sign-header",
        metavar="NAME",
        action="append",
        default=[],
        help="sign this header too, so that it must be sent as given; may be repeated",
    )


def config_of(options: argparse.Namespace) -> Config:
    """The configuration that the options, the environment and the profile make.

    Raises:
        Failure: Credentials or region are missing, or the options contradict each other.
        ProfileError: The profile cannot be used.
    """
    from ..config import Config

    chosen = _Chosen(options)
    endpoint = options.endpoint or os.environ.get("OSS_ENDPOINT")
    hosts = ("internal", "dualstack", "accelerate", "accelerate_overseas")
    host = next((name for name in hosts if getattr(options, name)), None)
    if host and options.endpoint:
        raise Failure(f"argument --{host.replace('_', '-')}: not allowed with --endpoint")
    credentials = chosen.credentials()
    region = options.region or os.environ.get("OSS_REGION")
    if not region:
        region, its_endpoint = chosen.place()
        endpoint = endpoint or its_endpoint
    if options.cname and not endpoint:
        raise Failure("argument --cname: needs --endpoint, which is the bucket's own domain")
    if not region and not (options.v1 and endpoint):
        raise Failure("no region: give --region, or set OSS_REGION", UNCONFIGURED)
    return Config(
        region=region,
        endpoint=None if host else endpoint,
        signature_version="v1" if options.v1 else "v4",
        credentials_provider=credentials,
        use_cname=options.cname or None,
        use_path_style=options.path_style or None,
        use_internal_endpoint=options.internal or None,
        use_dualstack_endpoint=options.dualstack or None,
        use_accelerate_endpoint=options.accelerate or None,
        use_accelerate_overseas_endpoint=options.accelerate_overseas or None,
        disable_ssl=options.http or None,
        additional_headers=options.sign_header or None,
    )


def asks_for_some(options: argparse.Namespace) -> bool:
    """Whether --env or a profile is given, for commands that can do without."""
    return bool(options.env) or options.profile is not None or options.config_file is not None


def credentials_now(options: argparse.Namespace) -> Credentials:
    """The credentials as they are now.

    Raises:
        Failure: There are none.
        ProfileError: The profile cannot be used.
    """
    from ..credentials import Credentials

    source = credentials_of(options)
    return source if isinstance(source, Credentials) else source.get_credentials()


def credentials_of(options: argparse.Namespace) -> Credentials | CredentialsProvider:
    """The credentials alone, for commands that sign nothing.

    Raises:
        Failure: There are none.
        ProfileError: The profile cannot be used.
    """
    return _Chosen(options).credentials()


class _Chosen:
    """A profile if an option asks for one; else the environment, and behind it a profile."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._asked_for = options.profile is not None or options.config_file is not None
        self._name = options.profile or os.environ.get("OSS_PROFILE") or None
        self._file = options.config_file or os.environ.get("OSS_CONFIG_FILE") or None
        self._profile: Profile | None = None

    def credentials(self) -> Credentials | CredentialsProvider:
        """Those to sign with."""
        given = None if self._asked_for else _from_environment()
        if given is not None:
            return given
        from ..exceptions import ProfileError
        from ..profiles import ProfileCredentialsProvider

        try:
            provider = ProfileCredentialsProvider(self._name, self._file)
        except ProfileError as error:
            if self._name or self._file or not error.kwargs["reason"].endswith("in none of them"):
                raise
            raise Failure(_NONE, UNCONFIGURED) from None
        self._profile = provider.profile
        return provider

    def place(self) -> tuple[str | None, str | None]:
        """Region and endpoint of the profile, also of one whose credentials are not used."""
        if self._profile is None:
            from ..exceptions import ProfileError
            from ..profiles import load_profile

            try:
                self._profile = load_profile(self._name, self._file)
            except ProfileError:
                return None, None
        return self._profile.region, self._profile.endpoint


_NONE = (
    "no credentials: set OSS_ACCESS_KEY_ID and OSS_ACCESS_KEY_SECRET, or give --profile; "
    "there is no profile in ~/.ossutilconfig and ~/.aliyun/config.json"
)


def _from_environment() -> Credentials | None:
    """The first set of variables that is there.

    Raises:
        Failure: One of id and secret is there without the other.
    """
    from ..credentials import Credentials

    for variables in _VARIABLES:
        access_key_id, secret, token = (os.environ.get(name, "") for name in variables)
        if access_key_id and secret:
            return Credentials(access_key_id, secret, token or None)
        if access_key_id or secret:
            there, lacking = variables[:2] if access_key_id else variables[1::-1]
            raise Failure(f"{there} is set, but {lacking} is not", UNCONFIGURED)
    return None


def port(text: str) -> int:
    """A port, as an option has it."""
    if not text.isascii() or not text.isdigit() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: 0 to 65535")
    return int(text)
