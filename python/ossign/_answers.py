"""What providers answer, as credentials whose end is known."""

from __future__ import annotations

import datetime

from ._ossign import Credentials
from .exceptions import CredentialsEmptyError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

UTC = datetime.timezone.utc


def end_of(value: object) -> datetime.datetime | None:
    """An aware datetime of a datetime (a naive one is UTC), of ISO 8601, or of Unix seconds.

    None, an empty text and 0 say nothing.

    Raises:
        ValueError: It is no time.
    """
    if value is None or value == "" or (type(value) is int and value == 0):
        return None
    try:
        if isinstance(value, str) and not value.strip().isdecimal():
            value = datetime.datetime.fromisoformat(value.strip().replace("Z", "+00:00"))
        if isinstance(value, datetime.datetime):
            return value if value.tzinfo else value.replace(tzinfo=UTC)
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise ValueError
        seconds = value if isinstance(value, float) else int(value)
        return datetime.datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        raise ValueError("the end of the credentials is no time") from None


def credentials_of(answer: Any) -> Credentials:
    """Credentials of any object that has the attributes of `Credentials`.

    Raises:
        CredentialsEmptyError: There is no id, or no secret.
        ValueError: Their end is no time.
    """
    if answer is None:
        raise CredentialsEmptyError()
    if not hasattr(answer, "access_key_id") and hasattr(answer, "get_access_key_id"):
        answer = converted(answer)
    end = end_of(getattr(answer, "expiration", None))
    if isinstance(answer, Credentials) and answer.expiration is end:
        credentials = answer
    else:
        token = getattr(answer, "security_token", None)
        credentials = Credentials(answer.access_key_id, answer.access_key_secret, token, end)
    if not credentials.has_keys():
        raise CredentialsEmptyError()
    return credentials


def converted(answer: Any) -> Credentials:
    """Credentials of what has `get_access_key_id()`, `get_expiration()` and so on."""
    return Credentials(
        answer.get_access_key_id(),
        answer.get_access_key_secret(),
        answer.get_security_token(),
        end_of(end_given_by(answer)),
    )


def end_given_by(answer: Any) -> Any:
    """The end that an object of alibabacloud-credentials knows, in Unix seconds, or None."""
    get_expiration = getattr(answer, "get_expiration", None)
    return get_expiration() if get_expiration is not None else None
