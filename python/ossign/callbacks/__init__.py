"""Upload callbacks: proof that the request a server got came from OSS.

For FastAPI, Flask and Django there is a module each, which hands over body and path as they came:
`ossign.callbacks.fastapi`, `ossign.callbacks.flask`, `ossign.callbacks.django`.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from urllib.parse import parse_qsl

from .._ossign import TEST_PUBLIC_KEY, Callback, check_callback, sign_callback
from ..exceptions import CallbackVerificationError, ParamInvalidError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any, TypeAlias

    Headers: TypeAlias = Mapping[Any, Any] | Iterable[tuple[Any, Any]]
    Fields: TypeAlias = dict[str, Any]
    Nonce: TypeAlias = str | Callable[[Fields], str]

__all__ = [
    "Callback",
    "TEST_PUBLIC_KEY",
    "VerifiedCallback",
    "callback_nonce",
    "sign",
    "verify_callback",
]


class VerifiedCallback:
    """A callback whose signature is OSS's.

    Attributes:
        fields: What the body says: the pairs of a form, or the members of a JSON object. Empty
            where it is neither, as JSON with a gap for the size of what is no image.
        body: The body as it came.
    """

    __slots__ = ("body", "fields")

    def __init__(self, fields: Fields, body: bytes) -> None:
        self.fields = fields
        self.body = body

    def __repr__(self) -> str:
        return f"VerifiedCallback(fields={sorted(self.fields)})"


def verify_callback(
    headers: Headers,
    path_and_query: str | bytes,
    body: bytes | bytearray | memoryview | str,
    *,
    public_key: str | None = None,
    nonce: Nonce | None = None,
) -> VerifiedCallback:
    """Check that a request is the callback of an upload, sent by OSS.

    OSS signs with RSA of 512 bits and MD5, which can be forged by who spends some money on it, and
    what it signs holds no time: a request can be sent again. For more than notices, give the
    callback a `nonce`, and ask OSS itself for the object.

    Args:
        headers: The headers of the request, in any case, as str or bytes.
        path_and_query: As they came: `/uploaded?id=1`, percent-encoded.
        body: As it came.
        public_key: Another key than OSS's, in PEM: for tests, see `sign`.
        nonce: What the field `nonce` of the body must be, or a function that tells it from the
            body's fields. It is called only where there is such a field. An AttributeError,
            LookupError, TypeError or ValueError of it refuses the callback: there is no nonce for
            such fields. Anything else that it raises is raised.

    Raises:
        CallbackVerificationError: It is not from OSS, or the nonce is not the expected one. `cause`
            says why in a word.
        ParamInvalidError: `path_and_query` does not begin with `/`, or the key is none.
        TypeError: `body` is neither bytes nor text.

    Example:
        >>> from ossign.callbacks import TEST_PUBLIC_KEY, sign, verify_callback
        >>> where, body = "/uploaded?id=1", b"object=a.png&size=5"
        >>> verify_callback(sign(where, body), where, body, public_key=TEST_PUBLIC_KEY).fields
        {'object': 'a.png', 'size': '5'}
    """
    given = _lower(headers)
    path, query = _split(path_and_query)
    raw = _bytes(body)
    authorization, key_url = given.get("authorization"), given.get("x-oss-pub-key-url")
    check_callback(authorization, key_url, path, query, raw, public_key)
    fields = _fields(given.get("content-type", ""), raw)
    if nonce is not None:
        _check_nonce(fields, nonce)
    return VerifiedCallback(fields, raw)


def callback_nonce(secret: str | bytes, *parts: str) -> str:
    """A text that only who knows `secret` can tell, made of what an upload is about.

    It need not be kept: the same parts give the same nonce when the callback arrives.

    Args:
        secret: At least 16 bytes that nobody else knows. Not the AccessKey secret.
        *parts: What the callback is to be bound to, such as bucket, key and the id of an order; as
            text.

    Returns:
        32 hexadecimal digits of an HMAC-SHA256.

    Raises:
        ValueError: The secret is too short, or a part is no Unicode.
        TypeError: A part is no text.

    Example:
        >>> from ossign.callbacks import callback_nonce
        >>> len(callback_nonce("a secret of my server", "bucket", "a.png"))
        32
    """
    key = secret.encode() if isinstance(secret, str) else secret
    if len(key) < 16:
        raise ValueError("secret must be at least 16 bytes long")
    for part in parts:
        if not isinstance(part, str):
            raise TypeError(f"parts must be str, not {type(part).__name__}")
    # With their lengths, so that ("a", "bc") is not ("ab", "c").
    message = b"".join(b"%d:%s" % (len(part.encode()), part.encode()) for part in parts)
    return hmac.new(key, message, hashlib.sha256).hexdigest()[:32]


def sign(
    path_and_query: str | bytes,
    body: bytes | str,
    *,
    content_type: str = "application/x-www-form-urlencoded",
    private_key: str | None = None,
) -> dict[str, str]:
    """The headers of a callback as OSS would send it, for the tests of your own server.

    The key is not OSS's: verify with `public_key=TEST_PUBLIC_KEY`, and only in tests, for everybody
    has that key.

    Args:
        path_and_query: Where it is sent to.
        body: What is sent.
        content_type: Of the body.
        private_key: A key of your own: RSA, PKCS #8, in PEM.

    Raises:
        ParamInvalidError: The key is none, or `path_and_query` does not begin with `/`.
    """
    path, query = _split(path_and_query)
    return {
        "Authorization": sign_callback(private_key, path, query, _bytes(body)),
        "x-oss-pub-key-url": _KEY_URL,
        "Content-Type": content_type,
        "User-Agent": "aliyun-oss-callback",
    }


# https://gosspublic.alicdn.com/callback_pub_key_v1.pem
_KEY_URL = "aHR0cHM6Ly9nb3NzcHVibGljLmFsaWNkbi5jb20vY2FsbGJhY2tfcHViX2tleV92MS5wZW0="


_READ = ("authorization", "x-oss-pub-key-url", "content-type")


def _lower(headers: Any) -> dict[str, str]:
    """The headers that are read, in lower case. Of several of one name, none is believed."""
    pairs = headers.items() if hasattr(headers, "items") else headers
    given: dict[str, str] = {}
    for name, value in pairs:
        lower, text = _text(name).lower(), _text(value)
        # Others may come twice: proxies add their Via and X-Forwarded-For.
        if lower not in _READ or value is None:
            continue
        if given.setdefault(lower, text) != text:
            reason = f"the header {lower} came twice"
            raise CallbackVerificationError(cause="header_repeated", reason=reason)
    return given


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _bytes(body: Any) -> bytes:
    if isinstance(body, str):
        return body.encode()
    # bytes() would make zeros of a number.
    if not isinstance(body, (bytes, bytearray, memoryview)):
        kind = type(body).__name__
        raise TypeError(f"body must be bytes, bytearray, memoryview or str, as it came; not {kind}")
    return bytes(body)


def _split(path_and_query: str | bytes) -> tuple[str, str]:
    text = _text(path_and_query)
    if not text.startswith("/"):
        rule = "must begin with '/': path and query, without scheme and host"
        raise ParamInvalidError(field="path_and_query", value=text, rule=rule)
    path, mark, query = text.partition("?")
    return path, mark + query


def _fields(content_type: str, body: bytes) -> Fields:
    """What the body says; nothing where it says it in no way that callbacks have."""
    try:
        text = body.decode()
        if content_type.partition(";")[0].strip().lower() == "application/json":
            members = json.loads(text)
            return members if isinstance(members, dict) else {}
        return dict(parse_qsl(text, keep_blank_values=True))
    except (ValueError, RecursionError):
        return {}


def _check_nonce(fields: Fields, nonce: Nonce) -> None:
    given = fields.get("nonce")
    if not isinstance(given, str):
        reason = "the body has no field 'nonce'"
        raise CallbackVerificationError(cause="nonce_missing", reason=reason)
    expected = _expected(fields, nonce)
    # JSON has a way to write half a character, which UTF-8 has not.
    pair = (given.encode("utf-8", "surrogatepass"), expected.encode("utf-8", "surrogatepass"))
    if not expected or not hmac.compare_digest(*pair):
        reason = "the field 'nonce' of the body is not the expected one"
        raise CallbackVerificationError(cause="nonce_mismatch", reason=reason)


def _expected(fields: Fields, nonce: Nonce) -> str:
    """What the nonce must be. Any customer of OSS can have any fields sent, signed."""
    if not callable(nonce):
        expected: Any = nonce
    else:
        try:
            expected = nonce(fields)
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            reason = f"the function for the nonce has none for such a body: {type(error).__name__}"
            raise CallbackVerificationError(cause="nonce_mismatch", reason=reason) from error
    if not isinstance(expected, str | None):
        kind = type(expected).__name__
        raise TypeError(f"nonce must be a str, or a function that returns one; not {kind}")
    return expected or ""
