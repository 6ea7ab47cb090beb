"""Form uploads: the check of a form against its own policy."""

from __future__ import annotations

from ._ossign import Condition, PresignedPost, VerifiedPost, verify_post_fields
from .credentials import EnvironmentVariableCredentialsProvider
from .exceptions import ParamInvalidError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Mapping
    from typing import Any

    from .types import CredentialsSource

__all__ = ["Condition", "PresignedPost", "VerifiedPost", "verify_post"]


def verify_post(
    fields: Mapping[str, Any] | Iterable[tuple[str, Any]],
    *,
    credentials: CredentialsSource | None = None,
    bucket: str | None = None,
    size: int | None = None,
    now: datetime.datetime | None = None,
) -> VerifiedPost:
    """Check that a form is signed by these credentials and meets its own policy, as OSS does.

    Args:
        fields: The form's fields: a mapping, the form objects of Starlette, Django and Werkzeug, or
            pairs. A field `file` is left out.
        credentials: Credentials, a provider of them, or a function that returns them. From the
            environment if not given.
        bucket: The bucket that the form is for. Not checked if not given.
        size: The size of the file in bytes. Not checked if not given.
        now: The time of the upload; the present if not given. A naive one is local time.

    Returns:
        What the form says: `key`, `access_key_id`, `region`, `expiration`, `conditions`.

    Raises:
        PostVerificationError: The form is refused. `cause` says why in a word, `condition` is the
            condition that failed, `field` the field that it is about.
        CredentialsEmptyError: There are no credentials.
        ParamInvalidError: A field holds half of a character; `size` is negative.
        TypeError: An argument, or a field's name or value, of another type.

    Example:
        >>> import ossign as oss
        >>> who = oss.Credentials("id", "secret")
        >>> client = oss.Client(oss.Config(region="cn-hangzhou", credentials_provider=who))
        >>> post = client.presign_post("bucket", "photos/${filename}", content_length_range=(1, 9))
        >>> oss.verify_post(post.fields, credentials=who, size=9).key
        'photos/${filename}'
        >>> try:
        ...     oss.verify_post(post.fields, credentials=who, size=10)
        ... except oss.exceptions.PostVerificationError as error:
        ...     print(error.cause, error.condition)
        size_out_of_range ["content-length-range",1,9]
    """
    given = EnvironmentVariableCredentialsProvider() if credentials is None else credentials
    return verify_post_fields(given, _pairs(fields), bucket, size, now)


def _pairs(fields: Any) -> list[tuple[str, str]]:
    """Name and value of each field but the file, those that come twice included."""
    if hasattr(fields, "multi_items"):
        given = fields.multi_items()
    elif hasattr(fields, "lists"):
        given = [(name, value) for name, values in fields.lists() for value in values]
    else:
        given = fields.items() if hasattr(fields, "items") else fields
    try:
        pairs = [(name, value) for name, value in given]
    except (TypeError, ValueError) as error:
        kind = type(fields).__name__
        words = f"fields must be a mapping, or pairs of name and value, got {kind}"
        raise TypeError(words) from error
    return [(name, _text_of(name, value)) for name, value in pairs if not _is_file(name)]


def _is_file(name: Any) -> bool:
    if not isinstance(name, str):
        raise TypeError(f"a name in fields must be str, not {type(name).__name__}: {name!r}")
    return name.lower() == "file"


def _text_of(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"field {name!r} must be str, not {type(value).__name__}")
    try:
        (name + value).encode()
    except UnicodeEncodeError as error:
        # No more of it: it may be the form's signature or token.
        half = error.object[error.start]
        rule = "is half of a character (a lone surrogate), which has no UTF-8"
        raise ParamInvalidError(field=f"fields[{name!r}]", value=half, rule=rule) from None
    return value
