"""The settings of a client, under the names the official SDK gives them."""

from __future__ import annotations

from ._headers import without_secrets, without_userinfo

TYPE_CHECKING = False
if TYPE_CHECKING:
    import datetime

    from .types import (
        BucketNameResolver,
        CredentialsSource,
        HttpClient,
        OnShortCredentials,
        Retryer,
    )

DEFAULT_SIGNATURE_VERSION = "v4"
DEFAULT_CONNECT_TIMEOUT = 10
DEFAULT_READWRITE_TIMEOUT = 20


class Config:
    """Settings of a client; None means unset. Attributes may be changed until a client is made.

    What shapes a presigned URL:

    - `region`, such as "cn-hangzhou" (without the "oss-" of host names), is part of a V4 signature.
    - `endpoint` replaces the host made from the region; it may have a scheme and a port.
      `use_cname` says that it is a custom domain, `use_path_style` puts the bucket into the path,
      `use_virtual_hosted_alias` says that it is a short alias host.
    - `use_internal_endpoint`, `use_dualstack_endpoint`, `use_accelerate_endpoint` and
      `use_accelerate_overseas_endpoint` (the SDK cannot reach that one) choose among the hosts of
      a region; `disable_ssl` turns https into http.
    - `signature_version` is "v4" unless it is exactly "v1".
    - `credentials_provider` is asked at every signing.
    - `additional_headers` are header names to be signed beside those that always are (V4).
    - `default_request_headers` fill headers that a request leaves out.
    - `cloud_box_id`, or with `enable_auto_detect_cloud_box_id` the one in the endpoint.
    - `bucket_name_resolver` names the bucket that is signed; the host keeps that of the request.
    - `clock_offset` is the server's clock minus this machine's, a timedelta (`ossign.clock_offset`
      measures it); it is added to the time wherever the client looks at a clock.
    - `backdate`, a timedelta, has URLs signed that much earlier, for servers whose clock is behind;
      they end when they would end without it. Only V4 says when it was signed.
    - `on_short_credentials` says what is done about credentials that end before a URL would: "keep"
      (as the SDK does, which this is unless it is given), "clamp", "refresh" or "error".

    The SDK has none of the last three.

    The rest is accepted so that configurations need no change, and has no effect on presigning:
    `retry_max_attempts`, `retryer`, `http_client`, `connect_timeout` and `readwrite_timeout`
    (seconds), `insecure_skip_verify`, `enabled_redirect`, `proxy_host`,
    `disable_upload_crc64_check`, `disable_download_crc64_check`, `user_agent`, `account_id`.
    """

    def __init__(
        self,
        region: str | None = None,
        endpoint: str | None = None,
        signature_version: str | None = None,
        credentials_provider: CredentialsSource | None = None,
        retry_max_attempts: int | None = None,
        retryer: Retryer | None = None,
        http_client: HttpClient | None = None,
        connect_timeout: int | float | None = None,
        readwrite_timeout: int | float | None = None,
        use_dualstack_endpoint: bool | None = None,
        use_accelerate_endpoint: bool | None = None,
        use_internal_endpoint: bool | None = None,
        disable_ssl: bool | None = None,
        insecure_skip_verify: bool | None = None,
        enabled_redirect: bool | None = None,
        use_cname: bool | None = None,
        use_path_style: bool | None = None,
        proxy_host: str | dict[str, str] | None = None,
        disable_upload_crc64_check: bool | None = None,
        disable_download_crc64_check: bool | None = None,
        additional_headers: list[str] | None = None,
        user_agent: str | None = None,
        cloud_box_id: str | None = None,
        enable_auto_detect_cloud_box_id: bool | None = None,
        account_id: str | None = None,
        use_virtual_hosted_alias: bool | None = None,
        default_request_headers: dict[str, str] | None = None,
        use_accelerate_overseas_endpoint: bool | None = None,
        bucket_name_resolver: BucketNameResolver | None = None,
        clock_offset: datetime.timedelta | None = None,
        backdate: datetime.timedelta | None = None,
        on_short_credentials: OnShortCredentials | None = None,
    ) -> None:
        self.region = region
        self.endpoint = endpoint
        self.signature_version = signature_version
        self.credentials_provider = credentials_provider
        self.retry_max_attempts = retry_max_attempts
        self.retryer = retryer
        self.http_client = http_client
        self.connect_timeout = connect_timeout
        self.readwrite_timeout = readwrite_timeout
        self.use_dualstack_endpoint = use_dualstack_endpoint
        self.use_accelerate_endpoint = use_accelerate_endpoint
        self.use_internal_endpoint = use_internal_endpoint
        self.disable_ssl = disable_ssl
        self.insecure_skip_verify = insecure_skip_verify
        self.enabled_redirect = enabled_redirect
        self.use_cname = use_cname
        self.use_path_style = use_path_style
        self.proxy_host = proxy_host
        self.disable_upload_crc64_check = disable_upload_crc64_check
        self.disable_download_crc64_check = disable_download_crc64_check
        self.additional_headers = additional_headers
        self.user_agent = user_agent
        self.cloud_box_id = cloud_box_id
        self.enable_auto_detect_cloud_box_id = enable_auto_detect_cloud_box_id
        self.account_id = account_id
        self.use_virtual_hosted_alias = use_virtual_hosted_alias
        self.default_request_headers = default_request_headers
        self.use_accelerate_overseas_endpoint = use_accelerate_overseas_endpoint
        self.bucket_name_resolver = bucket_name_resolver
        self.clock_offset = clock_offset
        self.backdate = backdate
        self.on_short_credentials = on_short_credentials

    def __repr__(self) -> str:
        shown = (
            f"{name}={_shown(value)}" for name, value in vars(self).items() if value is not None
        )
        return f"Config({', '.join(shown)})"


def _shown(value: object) -> str:
    """A setting for the repr: plain values without passwords, of other objects only the class."""
    if isinstance(value, str):
        return repr(without_userinfo(value))
    if isinstance(value, dict):
        kept = without_secrets(value) or {}
        return repr({k: without_userinfo(v) if isinstance(v, str) else v for k, v in kept.items()})
    if isinstance(value, bool | int | float | list | tuple | set | frozenset):
        return repr(value)
    return f"<{type(value).__name__}>"


def load_default() -> Config:
    """A configuration with the SDK's defaults: V4, 10 s to connect, 20 s to read or write."""
    return Config(
        signature_version=DEFAULT_SIGNATURE_VERSION,
        connect_timeout=DEFAULT_CONNECT_TIMEOUT,
        readwrite_timeout=DEFAULT_READWRITE_TIMEOUT,
    )
