"""A local OSS for tests: it checks signatures, stores objects, and refuses just as OSS does.

For development, not for storage. With pytest, the fixture `oss_emulator` gives one to each test
that asks for it; nothing has to be installed or configured for that.
"""

from __future__ import annotations

from ._ossign import Client, Credentials
from ._ossign import Emulator as _Emulator
from .config import Config
from .credentials import StaticCredentialsProvider

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Sequence
    from types import TracebackType
    from typing import Any

__all__ = ["Emulator", "StoredObject", "emulator", "run_emulator"]

_ID, _SECRET, _REGION = "emulator", "emulator-secret", "cn-hangzhou"


class StoredObject:
    """What the emulator knows of an object.

    Attributes:
        bucket: The bucket.
        key: The key.
        size: Size in bytes.
        etag: The ETag, without quotes: for an object uploaded in one piece, its MD5.
        crc64: The CRC-64 of the bytes, as in `x-oss-hash-crc64ecma`.
        modified: When it was stored, in seconds since 1970.
        headers: The headers kept with it, by lower-case names: `content-type`, `x-oss-meta-*` ...
    """

    __slots__ = ("bucket", "crc64", "etag", "headers", "key", "modified", "size")

    bucket: str
    key: str
    size: int
    etag: str
    crc64: int
    modified: int
    headers: dict[str, str]

    def __init__(self, **facts: Any) -> None:
        for name in self.__slots__:
            setattr(self, name, facts[name])

    def __repr__(self) -> str:
        return f"StoredObject({self.bucket!r}, {self.key!r}, size={self.size})"


class Emulator:
    """A local OSS on a port of this machine; it is ready when this returns.

    Use it in a `with` block, which stops it, or call `stop`. It runs in threads of its own. Buckets
    exist as soon as they are named. Clients reach it by path style (`http://127.0.0.1:<port>/bucket/
    key`), which is what clients do by themselves for an address, and by virtual host
    (`http://bucket.localhost:<port>/key`).

    Args:
        host: The host to listen on. With "0.0.0.0", other machines reach it as well.
        port: The port; 0 is a free one.
        data: The folder of the objects, made where it is missing. If not given, a temporary one
            that goes with the emulator.
        credentials: The one AccessKey that it knows. With a security token, every request must have
            the same; without one, tokens are signed but not compared.
        region: The region of its buckets; None takes signatures for any.
        bucket: The bucket that all hosts stand for which name no other: a custom domain (CNAME).
        clock: Seconds that its clock is ahead of the machine's: to see URLs expire without waiting.
        origins: The origins of pages that may ask (CORS); "*" is any, and an empty list none.
        callback_timeout: Seconds that an application has to answer a callback.
        log: "text", "json" or "off": how it logs to standard error.
        log_level: "warn" for refusals, each with its explanation; "info" for every request.

    Raises:
        OSError: The port is taken, the folder cannot be used, or another emulator uses it.
        ValueError: An impossible value.

    Example:
        >>> import ossign as oss
        >>> from ossign.testing import Emulator
        >>> with Emulator() as emulator:
        ...     result = emulator.client().presign(oss.GetObjectRequest(bucket="bucket", key="a"))
        ...     result.url.startswith(emulator.endpoint + "/bucket/a?")
        True
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        data: str | os.PathLike[str] | None = None,
        credentials: Credentials | None = None,
        region: str | None = _REGION,
        bucket: str | None = None,
        clock: int = 0,
        origins: Sequence[str] = ("*",),
        callback_timeout: float = 5.0,
        log: str = "text",
        log_level: str = "warn",
        _signals: bool = False,
    ) -> None:
        self.credentials = credentials or Credentials(_ID, _SECRET)
        self.region = region
        self._emulator = _Emulator(
            host=host,
            port=port,
            data=data,
            access_key_id=self.credentials.access_key_id,
            access_key_secret=self.credentials.access_key_secret,
            security_token=self.credentials.security_token,
            region=region,
            bucket=bucket,
            clock=clock,
            origins=[*origins],
            callback_timeout=callback_timeout,
            log=log,
            log_level=log_level,
            signals=_signals,
        )

    @property
    def endpoint(self) -> str:
        """What a client's `endpoint` is to be, such as "http://127.0.0.1:41234"."""
        return self._emulator.endpoint

    @property
    def is_running(self) -> bool:
        """Whether it runs, in this process: a forked one has only the memory of it."""
        return self._emulator.is_running

    @property
    def refusals(self) -> list[str]:
        """The last 1000 refusals, the oldest first, each in a line with its explanation.

        All answers with a status from 400 on are among them, and 203 CallbackFailed.
        """
        return self._emulator.refusals()

    @property
    def environ(self) -> dict[str, str]:
        """The environment variables from which a program takes credentials, region and endpoint."""
        environ = {
            "OSS_ACCESS_KEY_ID": self.credentials.access_key_id,
            "OSS_ACCESS_KEY_SECRET": self.credentials.access_key_secret,
            "OSS_REGION": self.region or _REGION,
            "OSS_ENDPOINT": self.endpoint,
        }
        if self.credentials.security_token:
            environ["OSS_SESSION_TOKEN"] = self.credentials.security_token
        return environ

    def config(self, **settings: Any) -> Config:
        """A `Config` whose clients talk to this emulator; `settings` are further keywords of it."""
        ours = {
            "region": self.region or _REGION,
            "endpoint": self.endpoint,
            "credentials_provider": StaticCredentialsProvider(
                self.credentials.access_key_id,
                self.credentials.access_key_secret,
                self.credentials.security_token,
            ),
        }
        return Config(**{**ours, **settings})

    def client(self, **settings: Any) -> Client:
        """A client that presigns for this emulator; `settings` are keywords of `Config`."""
        return Client(self.config(**settings))

    def objects(self) -> list[StoredObject]:
        """What is stored, in the order of bucket and key."""
        return [StoredObject(**facts) for facts in self._emulator.objects()]

    def read(self, bucket: str, key: str) -> bytes:
        """The bytes of an object.

        Raises:
            KeyError: There is no such object.
        """
        data = self._emulator.read(bucket, key)
        if data is None:
            raise KeyError(f"{bucket}/{key}")
        return data

    def stop(self) -> None:
        """Answer the requests under way, and stop. What was in a temporary folder is gone then."""
        self._emulator.stop()

    def __enter__(self) -> Emulator:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"<ossign.testing.Emulator {self.endpoint}>"


def emulator(**options: Any) -> Emulator:
    """An emulator for a `with` block; the options are those of `Emulator`.

    Example:
        >>> from ossign.testing import emulator
        >>> with emulator() as oss:
        ...     oss.objects()
        []
    """
    return Emulator(**options)


def run_emulator(on_ready: Callable[[Emulator], object] | None = None, **options: Any) -> None:
    """Run an emulator until SIGINT (Ctrl-C) or SIGTERM stops it; requests under way are answered.

    To be called in the main thread of a program that does nothing else: its handlers of the two
    signals stay.

    Args:
        on_ready: Called with the `Emulator` once it answers.
        **options: Those of `Emulator`.

    Raises:
        KeyboardInterrupt: Ctrl-C was pressed; the emulator has stopped.
        Others: as `Emulator`.
    """
    with Emulator(_signals=True, **options) as running:
        if on_ready is not None:
            on_ready(running)
        running._emulator.wait()
