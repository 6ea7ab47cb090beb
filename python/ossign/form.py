"""Form uploads: the check of a form against its own policy."""

from __future__ import annotations

from ._ossign import Condition, PresignedPost, VerifiedPost, verify_post_fields
from .credentials import EnvironmentVariableCredentialsProvider

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
        TypeError: The value of a field is no str.

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
    pairs = [(name, value) for name, value in given if name.lower() != "file"]
    for name, value in pairs:
        if not isinstance(value, str):
            raise TypeError(f"field {name!r} must be str, not {type(value).__name__}")
    return pairs
