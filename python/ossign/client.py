"""The client, and a function for those who want a URL without one."""

from __future__ import annotations

import os

from ._ossign import Client, PresignResult
from .config import Config
from .credentials import EnvironmentVariableCredentialsProvider

TYPE_CHECKING = False
if TYPE_CHECKING:
    import datetime
    from typing import Any, Literal

    from ._ossign import Presignable, SourceIP
    from .types import CredentialsSource

__all__ = ["Client", "PresignResult", "presign"]


def presign(
    request: Presignable,
    *,
    region: str | None = None,
    endpoint: str | None = None,
    credentials: CredentialsSource | None = None,
    expires: datetime.timedelta | None = None,
    expiration: datetime.datetime | None = None,
    download_as: str | None = None,
    inline: bool = False,
    cname: bool | str | None = None,
    scheme: Literal["http", "https"] | None = None,
    traffic_limit: int | None = None,
    source_ip: SourceIP | None = None,
    subnet_mask: int | None = None,
    vpc_id: str | None = None,
    forward_allow: bool | None = None,
    **config: Any,
) -> PresignResult:
    """Presign one request; what is not given comes from the environment.

    The environment is read at each call: `OSS_REGION`, `OSS_ENDPOINT`, and for `credentials`
    `OSS_ACCESS_KEY_ID`, `OSS_ACCESS_KEY_SECRET` and `OSS_SESSION_TOKEN`. Who presigns often makes a
    `Client` once: that is several times faster.

    Args:
        request: What `Client.presign` takes.
        region: Such as "cn-hangzhou".
        endpoint: A host, with or without a scheme.
        credentials: Credentials, a provider of them, or a function that returns them.
        expires: For how long the URL is valid; 15 minutes if not given.
        expiration: When the URL ends; wins over `expires`.
        download_as: As in `Client.presign`.
        inline: As in `Client.presign`.
        cname: As in `Client.presign`.
        scheme: As in `Client.presign`.
        traffic_limit: As in `Client.presign`.
        source_ip: As in `Client.presign`.
        subnet_mask: As in `Client.presign`.
        vpc_id: As in `Client.presign`.
        forward_allow: As in `Client.presign`.
        **config: Any other keyword of `Config`.

    Raises:
        CredentialsEmptyError: No credentials are given, and none are in the environment.
        TypeError: An unknown keyword.
        Others: as `Client.presign`.

    Example:
        >>> import ossign as oss
        >>> result = oss.presign(
        ...     oss.GetObjectRequest(bucket="bucket", key="photo.jpg"),
        ...     region="cn-hangzhou",
        ...     credentials=oss.Credentials("id", "secret"))
        >>> result.method
        'GET'
    """
    if credentials is None:
        credentials = config.pop("credentials_provider", None)
    settings = Config(
        region=region if region is not None else os.environ.get("OSS_REGION"),
        endpoint=endpoint if endpoint is not None else os.environ.get("OSS_ENDPOINT"),
        credentials_provider=(
            EnvironmentVariableCredentialsProvider() if credentials is None else credentials
        ),
        **config,
    )
    return Client(settings).presign(
        request,
        expires=expires,
        expiration=expiration,
        download_as=download_as,
        inline=inline,
        cname=cname,
        scheme=scheme,
        traffic_limit=traffic_limit,
        source_ip=source_ip,
        subnet_mask=subnet_mask,
        vpc_id=vpc_id,
        forward_allow=forward_allow,
    )
