"""Credentials from the files that ossutil and the Alibaba Cloud CLI keep in the home directory.

Two formats are read, told apart by what is in the file:

- ossutil's `~/.ossutilconfig`, an INI file: `[default]` and `[profile NAME]` of version 2,
  `[Credentials]` of version 1.
  https://www.alibabacloud.com/help/en/oss/developer-reference/configure-ossutil2
- the CLI's `~/.aliyun/config.json`.
  https://www.alibabacloud.com/help/en/cli/configure-credentials

No message about a file quotes what stands in it, but for the names of profiles and modes.
"""

from __future__ import annotations

import os
import stat

from ._ossign import Credentials
from ._profile_files import sections_of
from .exceptions import ProfileError
from .types import CredentialsProvider

TYPE_CHECKING = False
if TYPE_CHECKING:
    import datetime
    from collections.abc import Mapping
    from typing import Any

    from typing_extensions import Self

__all__ = ["DEFAULT_FILES", "Profile", "ProfileCredentialsProvider", "load_profile"]

DEFAULT_FILES = ("~/.ossutilconfig", "~/.aliyun/config.json")
"""Where profiles are looked for, in this order."""

_STATIC_MODES = ("", "ak", "ststoken")
# Of these the CLI keeps the temporary credentials, and their end, beside the profile.
_CACHED_MODES = ("cloudsso", "oauth")


class Profile:
    """One profile of a file: credentials, and the region and endpoint to use them with."""

    def __init__(
        self,
        name: str,
        file: str,
        credentials: Credentials,
        region: str | None = None,
        endpoint: str | None = None,
    ) -> None:
        self.name = name
        self.file = file
        self.credentials = credentials
        self.region = region
        self.endpoint = endpoint

    def __repr__(self) -> str:
        return f"Profile({self.name!r} of {self.file!r}, {self.credentials!r})"


class ProfileCredentialsProvider(CredentialsProvider):
    """Credentials of a profile; the file is read again whenever it has changed.

    A pickle holds no credentials, but the profile's name and the file's: whoever unpickles it reads
    the file of that name there.

    Args:
        profile: Its name; if not given, the one that the file itself calls its default.
        file: If not given, the first of `DEFAULT_FILES` that has the profile.

    Raises:
        ProfileError: There is no such file or profile, or it cannot be used.

    Example:
        >>> import ossign as oss
        >>> oss.credentials.ProfileCredentialsProvider(file="/nowhere")
        Traceback (most recent call last):
        ossign.exceptions.ProfileError: /nowhere: No such file or directory
    """

    def __init__(
        self, profile: str | None = None, file: str | os.PathLike[str] | None = None
    ) -> None:
        self._name = profile
        self._profile = load_profile(profile, file)
        self._state = _state(self._profile.file)

    @property
    def profile(self) -> Profile:
        """The profile as it was when last read."""
        return self._profile

    def get_credentials(self) -> Credentials:
        """The credentials that the file has now."""
        state = _state(self._profile.file)
        if state != self._state:
            self._profile = load_profile(self._name, self._profile.file)
            self._state = state
        return self._profile.credentials

    def __reduce__(self) -> tuple[Any, ...]:
        attributes = {k: v for k, v in vars(self).items() if k not in ("_profile", "_state")}
        return _reread, (type(self), self._profile.file, attributes)

    def __copy__(self) -> Self:
        return self.__deepcopy__(None)

    def __deepcopy__(self, memo: object) -> Self:
        made = type(self).__new__(type(self))
        vars(made).update(vars(self))
        return made


def _reread(
    kind: type[ProfileCredentialsProvider], file: str, attributes: dict[str, Any]
) -> ProfileCredentialsProvider:
    """A provider with what stands in the file now, on this machine, for pickle."""
    provider = kind.__new__(kind)
    ProfileCredentialsProvider.__init__(provider, attributes["_name"], file)
    vars(provider).update(attributes)
    return provider


def load_profile(name: str | None = None, file: str | os.PathLike[str] | None = None) -> Profile:
    """Read one profile; arguments and errors as for `ProfileCredentialsProvider`."""
    if file is not None:
        path = os.path.expanduser(os.fspath(file))
        return _profile_of(path, sections_of(path), name)
    for default in DEFAULT_FILES:
        path = os.path.expanduser(default)
        if os.path.exists(path):
            sections = sections_of(path)
            if _resolve(sections, name) is not None:
                return _profile_of(path, sections, name)
    wanted = "a default profile" if name is None else f"the profile {name!r}"
    raise ProfileError(file=" and ".join(DEFAULT_FILES), reason=f"{wanted} is in none of them")


def _state(path: str) -> tuple[int, ...] | None:
    """What changes when a file does; None for what can be read only once, such as a pipe."""
    try:
        found = os.stat(path)
    except OSError as error:
        raise ProfileError(file=path, reason=error.strerror) from None
    if not stat.S_ISREG(found.st_mode):
        return None
    return (found.st_mtime_ns, found.st_size, found.st_ino)


def _resolve(sections: dict[str, dict[str, object]], name: str | None) -> str | None:
    """The name under which a profile stands; None if it does not."""
    if name is None:
        return "" if "" in sections else None
    if name in sections:
        return name
    return next((known for known in sections if known.lower() == name.lower()), None)


def _profile_of(path: str, sections: dict[str, dict[str, object]], name: str | None) -> Profile:
    entry = _inherited(path, sections, name)
    shown = name or "default"

    def text(*names: str) -> str:
        for each in names:
            value = entry.get(each)
            if value is not None and not isinstance(value, str):
                raise ProfileError(file=path, reason=f"profile {shown!r}: {each} is no text")
            if value and value.strip():
                return value.strip()
        return ""

    mode = text("mode")
    token = text("ststoken")
    _check_mode(path, shown, mode, entry)
    if mode.lower() == "ak":
        token = ""
    elif mode.lower() in ("ststoken", *_CACHED_MODES) and not token:
        raise ProfileError(file=path, reason=f"profile {shown!r} has no security token")
    access_key_id, secret = text("accesskeyid"), text("accesskeysecret")
    if not access_key_id or not secret:
        lacking = "AccessKey secret" if access_key_id else "AccessKey id"
        raise ProfileError(file=path, reason=f"profile {shown!r} has no {lacking}")
    end = _end(path, shown, entry) if token else None
    endpoint = text("endpoint") or None
    region = text("region", "regionid") or _region_of(endpoint)
    credentials = Credentials(access_key_id, secret, token or None, end)
    return Profile(shown, path, credentials, region, endpoint)


def _inherited(
    path: str, sections: dict[str, dict[str, object]], name: str | None
) -> dict[str, object]:
    """A profile's entries over those of the profiles that it names as its sources."""
    found = _resolve(sections, name)
    if found is None:
        known = ", ".join(repr(known) for known in sections if known) or "none at all"
        wanted = "default profile" if name is None else f"profile {name!r}"
        raise ProfileError(file=path, reason=f"has no {wanted}; it has {known}")
    entry = sections[found]
    seen = {found}
    while isinstance(source := entry.get("sourceprofile"), str) and source.strip():
        found = _resolve(sections, source.strip())
        if found is None or found in seen:
            reason = f"the source profile {source.strip()!r} is missing, or its own source"
            raise ProfileError(file=path, reason=reason)
        seen.add(found)
        entry = {**sections[found], **{k: v for k, v in entry.items() if k != "sourceprofile"}}
    return entry


def _check_mode(path: str, name: str, mode: str, entry: Mapping[str, object]) -> None:
    role = next((r for r in ("ecsrolename", "ramrolearn") if entry.get(r)), None)
    if mode.lower() in (*_STATIC_MODES, *_CACHED_MODES) and (
        mode or not role or entry.get("accesskeyid")
    ):
        return
    shown = mode if mode.isalnum() and len(mode) <= 32 else "a role" if not mode else "unknown"
    raise ProfileError(
        file=path,
        reason=f"profile {name!r} has the mode {shown}; ossign reads AK, StsToken, CloudSSO and "
        "OAuth, and for others takes a client of the package alibabacloud-credentials",
    )


def _end(path: str, name: str, entry: Mapping[str, object]) -> datetime.datetime | None:
    """When temporary credentials end, if the file says so: Unix seconds, or ISO 8601."""
    from ._answers import end_of

    try:
        return end_of(entry.get("stsexpiration") or entry.get("expiration"))
    except ValueError:
        reason = f"profile {name!r}: the end of the security token is no time"
        raise ProfileError(file=path, reason=reason) from None


def _region_of(endpoint: str | None) -> str | None:
    """The region in a host such as oss-cn-hangzhou-internal.aliyuncs.com.

    Files of ossutil 1 name no region. The hosts for finance are left out: they name another one.
    """
    if endpoint is None or "fin" in endpoint:
        return None
    host = endpoint.rpartition("://")[2].partition("/")[0].lower()
    first, _, rest = host.partition(".")
    name = first.removeprefix("oss-").removesuffix("-internal")
    known = name.partition("-")[0] in ("cn", "ap", "us", "eu", "me", "na", "rg")
    if rest != "aliyuncs.com" or not first.startswith("oss-") or not known:
        return None
    return name
