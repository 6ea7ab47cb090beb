"""What can be wrong with a presigned request, each thing by a name of its own."""

from __future__ import annotations

from enum import Enum

from .. import _ossign

__all__ = ["Cause"]


class Cause(str, Enum):
    """What can be wrong with a presigned request: a closed list, described in the documentation.

    OSS checks in this order. `meaning`, `fix` and `ecs` (OSS's numbers) say more.

    Example:
        >>> import ossign as oss
        >>> oss.Cause.EXPIRED.meaning
        "The URL's time is over."
        >>> oss.Cause("expired").ecs
        ('0002-00000069', '0002-00000236')
    """

    URL_HTML_ESCAPED = "url_html_escaped"
    URL_WHITESPACE = "url_whitespace"
    URL_DOUBLE_ENCODED = "url_double_encoded"
    URL_TRUNCATED = "url_truncated"
    URL_MALFORMED = "url_malformed"
    HEADER_AND_QUERY_SIGNED = "header_and_query_signed"
    NOT_PRESIGNED = "not_presigned"
    SIGNATURE_VERSION_INVALID = "signature_version_invalid"
    PARAMETER_MISSING = "parameter_missing"
    PARAMETER_EMPTY = "parameter_empty"
    PARAMETER_REPEATED = "parameter_repeated"
    CREDENTIAL_MALFORMED = "credential_malformed"
    ACCESS_KEY_ID_MALFORMED = "access_key_id_malformed"
    DATE_MALFORMED = "date_malformed"
    CREDENTIAL_DATE_MISMATCH = "credential_date_mismatch"
    EXPIRES_MALFORMED = "expires_malformed"
    EXPIRES_OUT_OF_RANGE = "expires_out_of_range"
    EXPIRES_TOO_LONG_FOR_STS = "expires_too_long_for_sts"
    NOT_YET_VALID = "not_yet_valid"
    EXPIRED = "expired"
    CLOCK_SKEWED = "clock_skewed"
    REGION_MALFORMED = "region_malformed"
    REGION_MISMATCH = "region_mismatch"
    PRODUCT_WRONG = "product_wrong"
    TOKEN_ONLY_IN_HEADER = "token_only_in_header"
    TOKEN_MISSING = "token_missing"
    TOKEN_WRONG = "token_wrong"
    TOKEN_EXPIRED = "token_expired"
    ACCESS_KEY_UNKNOWN = "access_key_unknown"
    ACCESS_KEY_DISABLED = "access_key_disabled"
    ACCESS_KEY_ID_WRONG = "access_key_id_wrong"
    PATH_STYLE_ON_PUBLIC_ENDPOINT = "path_style_on_public_endpoint"
    HEADER_CONTRADICTS_QUERY = "header_contradicts_query"
    RESTRICTION_MALFORMED = "restriction_malformed"
    HOST_UNKNOWN = "host_unknown"
    HOST_CHANGED = "host_changed"
    ENDPOINT_WRONG = "endpoint_wrong"
    BUCKET_WRONG = "bucket_wrong"
    METHOD_WRONG = "method_wrong"
    CONTENT_TYPE_ADDED = "content_type_added"
    CONTENT_TYPE_MISSING = "content_type_missing"
    CONTENT_TYPE_CHANGED = "content_type_changed"
    HEADER_ADDED = "header_added"
    HEADER_MISSING = "header_missing"
    HEADER_CHANGED = "header_changed"
    KEY_ENCODED_TWICE = "key_encoded_twice"
    KEY_DECODED = "key_decoded"
    KEY_PLUS_AND_SPACE = "key_plus_and_space"
    KEY_LEADING_SLASH = "key_leading_slash"
    KEY_DOT_SEGMENTS = "key_dot_segments"
    KEY_NOT_ENCODED = "key_not_encoded"
    PARAMETER_ADDED = "parameter_added"
    PARAMETER_REMOVED = "parameter_removed"
    PARAMETER_CHANGED = "parameter_changed"
    SUB_RESOURCE_NOT_SIGNED = "sub_resource_not_signed"
    SIGNATURE_PLUS_BECAME_SPACE = "signature_plus_became_space"
    SIGNATURE_MALFORMED = "signature_malformed"
    SECRET_WHITESPACE = "secret_whitespace"
    SIGNATURE_MISMATCH = "signature_mismatch"
    SECRET_DIFFERS_OR_URL_ALTERED = "secret_differs_or_url_altered"
    ADDRESS_NOT_ALLOWED = "address_not_allowed"
    VPC_NOT_ALLOWED = "vpc_not_allowed"
    CORS_REFUSED = "cors_refused"
    NOT_ALLOWED = "not_allowed"
    OTHER_ERROR = "other_error"
    OK = "ok"

    def __str__(self) -> str:
        # In every version of Python, which differ in what they make of such a class.
        return str(self.value)

    def __format__(self, spec: str) -> str:
        return format(self.value, spec)

    @property
    def meaning(self) -> str:
        """What it means, in a sentence."""
        return _rows()[self.value][0]

    @property
    def ecs(self) -> tuple[str, ...]:
        """The numbers (EC) with which OSS may answer it."""
        return _rows()[self.value][1]

    @property
    def fix(self) -> str:
        """What to do about it."""
        return _rows()[self.value][2]


_ROWS: dict[str, tuple[str, tuple[str, ...], str]] = {}


def _rows() -> dict[str, tuple[str, tuple[str, ...], str]]:
    if not _ROWS:
        for name, meaning, ecs, fix in _ossign.causes():
            _ROWS[name] = (meaning, tuple(ecs), fix)
    return _ROWS
