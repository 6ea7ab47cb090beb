"""The plan of a multipart upload: how the file is cut, and what begins and completes the upload."""

from __future__ import annotations

import copy
import operator
import string
from typing import NamedTuple

from .._ossign import (
    AbortMultipartUploadRequest,
    CompleteMultipartUploadRequest,
    UploadPartRequest,
    complete_body,
    cut_parts,
)
from .._wire import to_text
from ..exceptions import ParamInvalidError
from ..types import OperationInput
from ._parts import MultipartParts, iso, request_dict

TYPE_CHECKING = False
if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any, Literal, TypeAlias, TypeVar

    from .._ossign import Client, InitiateMultipartUploadRequest, PresignResult
    from ..models import Part, UploadPart

    _Sent: TypeAlias = tuple[int, str] | Mapping[str, Any] | Part | UploadPart
    _R = TypeVar("_R", UploadPartRequest, CompleteMultipartUploadRequest)

_NAME = "InitiateMultipartUploadRequest"
_PAGE = 1000  # the most parts that ListParts tells at once
# An id that is written into URLs; those of OSS have 32 characters.
_UPLOAD_ID = frozenset(string.ascii_letters + string.digits + "_-")
_LONGEST_UPLOAD_ID = 256
_FAR = 2**63 - 1
_DIGITS = 5  # of the last number that a part can have
_SHOWN = 100
_ABOUT_THE_OBJECT = ("request_payer", "forbid_overwrite", "encoding_type")


class PartRange(NamedTuple):
    """Which bytes of the file a part is."""

    number: int
    """From 1 on."""
    offset: int
    """Where it begins."""
    length: int
    """How many bytes it has."""


class MultipartPlan:
    """How a file is uploaded in parts, and the presigned request that begins it.

    `Client.plan_multipart` makes it. A plan holds no state of an upload: whoever makes it again of
    the same bucket, key, size and part size can go on with it. Iterating gives each `PartRange`.

    Attributes:
        bucket: The bucket.
        key: The object's key.
        size: The bytes of the file.
        part_size: The bytes of each part but the last.
        part_count: How many parts there are; an empty file has one, which is empty.
        initiate: The presigned request that begins the upload; `parse_initiate` reads its answer.
    """

    bucket: str
    key: str
    size: int
    part_size: int
    part_count: int
    initiate: PresignResult

    def __init__(
        self,
        client: Client,
        request: InitiateMultipartUploadRequest,
        size: int,
        part_size: int | None = None,
        *,
        expires: datetime.timedelta | None = None,
        expiration: datetime.datetime | None = None,
        bind_lengths: bool = False,
        traffic_limit: int | None = None,
        **special: Any,
    ) -> None:
        if all(cls.__name__ != _NAME for cls in type(request).__mro__):
            given = type(request).__name__
            raise ParamInvalidError(field="request", value=given, rule=f"must be an {_NAME}")
        self.part_size, self.part_count = cut_parts(size, part_size)
        self._special = special
        self.initiate = client.presign(request, expires=expires, expiration=expiration, **special)
        self.bucket, self.key, self.size = str(request.bucket), str(request.key), int(size)
        self._client = client
        self._request = request
        self._ends = {"expires": expires, "expiration": expiration}
        self._bind_lengths = bind_lengths
        # OSS knows it for what carries an object's bytes.
        self._traffic_limit = traffic_limit

    def range_of(self, number: int) -> PartRange:
        """Which bytes the part of this number is; IndexError if there is none.

        A ParamInvalidError says that `number` is no int.
        """
        number = _whole("number", number)
        if not 1 <= number <= self.part_count:
            raise IndexError(f"part {_shown(number)} of {self.part_count}")
        offset = (number - 1) * self.part_size
        return PartRange(number, offset, min(self.part_size, self.size - offset))

    @property
    def ranges(self) -> list[PartRange]:
        """Which bytes each part is, in the order of their numbers."""
        return [*self]

    def __iter__(self) -> Iterator[PartRange]:
        return map(self.range_of, range(1, self.part_count + 1))

    def __len__(self) -> int:
        return self.part_count

    def parts(
        self,
        upload_id: str,
        numbers: Iterable[int] | None = None,
        *,
        part: UploadPartRequest | None = None,
        complete: CompleteMultipartUploadRequest | None = None,
        expires: datetime.timedelta | None = None,
        expiration: datetime.datetime | None = None,
    ) -> MultipartParts:
        """Presign the parts of an upload that has begun, and what completes, aborts and lists it.

        Args:
            upload_id: What OSS answered to `initiate`.
            numbers: Only these parts, such as those that `missing` tells. All if not given.
            part: Further fields of each part, such as `traffic_limit`.
            complete: Further fields of the request that completes, such as `acl` and `callback`. It
                has `forbid_overwrite` from the request of the plan, if not its own.
            expires: As in `Client.presign`; as in the plan if neither is given.
            expiration: As in `Client.presign`.

        Raises:
            ParamInvalidError: What cannot be an upload id (1 to 256 letters, digits, `-` and `_`),
                a number that the plan does not have, a `part` or `complete` of another class.
            BaseError: As `Client.presign`.

        Example:
            >>> import ossign as oss
            >>> client = oss.Client(oss.Config(
            ...     region="cn-hangzhou", credentials_provider=oss.Credentials("id", "secret")))
            >>> request = oss.InitiateMultipartUploadRequest(bucket="bucket", key="video.mp4")
            >>> plan = client.plan_multipart(request, size=250_000, part_size=102_400)
            >>> [(part.number, part.offset, part.length) for part in plan.parts("0004B9894A22E5B1")]
            [(1, 0, 102400), (2, 102400, 102400), (3, 204800, 45200)]
        """
        _check_upload_id(upload_id)
        ends = {"expires": expires, "expiration": expiration}
        if (expires, expiration) == (None, None):
            ends = self._ends
        said: dict[str, Any] = {**ends, **self._special}
        wanted, presign = self._wanted(numbers), self._client.presign
        filled: dict[str, Any] = {"bucket": self.bucket, "key": self.key, "upload_id": upload_id}
        columns: dict[str, Sequence[Any]] = {"part_number": wanted}
        if self._bind_lengths:
            columns["content_length"] = [self.range_of(number).length for number in wanted]
        template = self._filled("part", part, UploadPartRequest, filled)
        completing = self._filled("complete", complete, CompleteMultipartUploadRequest, filled)
        payer = getattr(self._request, "request_payer", None)
        aborting = AbortMultipartUploadRequest(**filled, request_payer=payer)
        return MultipartParts(
            plan=self,
            upload_id=upload_id,
            numbers=wanted,
            urls=self._client.presign_many(
                template, columns=columns, traffic_limit=self._traffic_limit, **said
            ),
            complete=presign(completing, **said),
            abort=presign(aborting, **said),
            list_parts=tuple(presign(page, **said) for page in self._pages(upload_id, payer)),
        )

    def missing(self, arrived: Iterable[Part] | None) -> list[int]:
        """The numbers of the parts that have not arrived, or with another size than planned.

        Args:
            arrived: The `parts` of all pages that `parse_list_parts` has read.

        Raises:
            ParamInvalidError: `arrived` is something else.
        """
        there = dict(_arrived(part) for part in _each("arrived", arrived or ()))
        return [number for number, _, length in self if there.get(number) != length]

    def complete_body(
        self,
        parts: Iterable[_Sent] | Mapping[int, str] | Mapping[str, str],
        *,
        missing: Literal["raise", "skip"] = "raise",
        repeated: Literal["raise", "last"] = "raise",
    ) -> bytes:
        """Write the body of the request that completes: all parts, in the order of their numbers.

        It is to be sent without a Content-Type, which would have to be signed.

        Args:
            parts: Pairs of number and ETag, with its quotes or without; or a mapping from one to
                the other, whose numbers may be text, as JSON has them; or mappings with `number`
                and `etag`; or what `parse_list_parts` gives.
            missing: What is done about a part of the plan that is not there: "raise", or "skip",
                for an object without these bytes.
            repeated: What is done about a part that is there twice, with two ETags: "raise", or
                "last" for the last one.

        Raises:
            ParamInvalidError: A part is missing, twice with two ETags, not in the plan, without an
                ETag, has another size than planned, or is nothing of the above.
            ValueError: `missing` or `repeated` has another value.

        Example:
            >>> import ossign as oss
            >>> client = oss.Client(oss.Config(
            ...     region="cn-hangzhou", credentials_provider=oss.Credentials("id", "secret")))
            >>> request = oss.InitiateMultipartUploadRequest(bucket="bucket", key="a.txt")
            >>> client.plan_multipart(request, size=5).complete_body([(1, "5EB63BBBE01EEED0")])[25:]
            b'<Part><PartNumber>1</PartNumber><ETag>"5EB63BBBE01EEED0"</ETag></Part></CompleteMultipartUpload>'
        """
        for name, value, values in (
            ("missing", missing, ("raise", "skip")),
            ("repeated", repeated, ("raise", "last")),
        ):
            if value not in values:
                raise ValueError(f"{name} must be {values[0]!r} or {values[1]!r}, got {value!r}")
        given = _numbered(parts) if hasattr(parts, "items") else parts
        cut = (self.size, self.part_size)
        sent = [_sent(one) for one in _each("parts", given)]
        return complete_body(cut, sent, missing == "skip", repeated == "last").encode()

    def keys(self) -> list[str]:
        """The names of the attributes, so that `dict(plan)` works."""
        return [*self.facts(), "initiate"]

    def __getitem__(self, name: str) -> Any:
        if name not in self.keys():
            raise KeyError(name)
        return getattr(self, name)

    def facts(self) -> dict[str, Any]:
        """What the plan can be made of again."""
        return {
            "bucket": self.bucket,
            "key": self.key,
            "size": self.size,
            "part_size": self.part_size,
            "part_count": self.part_count,
        }

    def to_dict(self) -> dict[str, Any]:
        """The plan and the request that begins it, as what JSON can hold; it has no secret."""
        return {
            **self.facts(),
            "expiration": iso(self.initiate.effective_expiration),
            "initiate": request_dict(self.initiate),
        }

    def __repr__(self) -> str:
        return f"<MultipartPlan: {self.part_count} parts of {self.key!r}, {self.size} bytes>"

    def _wanted(self, numbers: Iterable[int] | None) -> Sequence[int]:
        if numbers is None:
            return range(1, self.part_count + 1)
        wanted = sorted({_whole("numbers", number) for number in _each("numbers", numbers)})
        for number in wanted[:1] + wanted[-1:]:
            if not 1 <= number <= self.part_count:
                rule = f"is no part of this plan, which has parts 1 to {self.part_count}"
                raise _wrong("numbers", number, rule)
        return wanted

    def _filled(self, name: str, given: _R | None, cls: type[_R], fields: dict[str, str]) -> _R:
        """A copy of what was given, with what is known about the upload."""
        if given is None:
            request = cls()
        elif isinstance(given, cls):
            request = copy.copy(given)
        else:
            rule = f"must be an ossign.{cls.__name__}"
            raise ParamInvalidError(field=name, value=type(given).__name__, rule=rule)
        for field, value in fields.items():
            setattr(request, field, value)
        for field in _ABOUT_THE_OBJECT:
            if field in cls._attribute_map and getattr(request, field) is None:
                setattr(request, field, getattr(self._request, field, None))
        return request

    def _pages(self, upload_id: str, payer: Any) -> Iterator[OperationInput]:
        encoding = getattr(self._request, "encoding_type", None)
        encoded = {"encoding-type": to_text(encoding, "")} if encoding is not None else {}
        for marker in range(0, self.part_count, _PAGE):
            place = {"max-parts": str(_PAGE), "part-number-marker": str(marker)}
            yield OperationInput(
                op_name="ListParts",
                method="GET",
                bucket=self.bucket,
                key=self.key,
                headers={} if payer is None else {"x-oss-request-payer": to_text(payer, "")},
                parameters={"uploadId": upload_id, **place, **encoded},
            )


def _check_upload_id(given: Any) -> None:
    if not isinstance(given, str):
        raise _wrong("upload_id", given, "must be a text")
    if not 1 <= len(given) <= _LONGEST_UPLOAD_ID or not _UPLOAD_ID.issuperset(given):
        rule = f"must be what OSS answered: 1 to {_LONGEST_UPLOAD_ID} letters, digits, '-' and '_'"
        raise _wrong("upload_id", given, rule)


def _each(field: str, given: Any) -> Iterator[Any]:
    # A text would be its characters.
    if not isinstance(given, str | bytes):
        try:
            return iter(given)
        except TypeError:
            pass
    raise _wrong(field, given, "must be a list, or another iterable")


def _whole(field: str, given: Any) -> int:
    """A whole number, of any type that is one; a bool is none."""
    try:
        if not isinstance(given, bool):
            return operator.index(given)
    except TypeError:
        pass
    raise _wrong(field, given, "must be an int")


def _arrived(part: Any) -> tuple[int | None, int | None]:
    """Number and size of a part that OSS has."""
    try:
        return part.part_number, part.size
    except AttributeError:
        rule = "must have part_number and size, as what parse_list_parts gives"
        raise _wrong("arrived", part, rule) from None


def _numbered(parts: Any) -> Iterator[tuple[Any, Any]]:
    """Pairs of number and ETag: in JSON all keys are text."""
    for number, etag in parts.items():
        is_decimal = isinstance(number, str) and number.isascii() and number.isdecimal()
        # No plan has a number of more digits, and Python reads only so many.
        yield int(number) if is_decimal and len(number) <= _DIGITS else number, etag


def _sent(part: Any) -> tuple[int, str, int | None]:
    """Number, ETag, and size if that is known."""
    size = None
    try:
        if isinstance(part, tuple | list):
            number, etag = part
        elif hasattr(part, "keys"):
            number, etag = part["number"], part["etag"]
        else:
            number, etag, size = part.part_number, part.etag, getattr(part, "size", None)
    except (AttributeError, KeyError, ValueError):
        raise _wrong("parts", part, "must have a number and an ETag") from None
    number = _whole("parts, number", number)
    if not isinstance(etag, str) or not etag.isascii():
        field = f"parts, ETag of part {_shown(number)}"
        raise _wrong(field, etag, "must be the ETag that OSS answered")
    return _fits("parts", number), etag, size if size is None else _fits("parts, size", size)


def _fits(field: str, given: Any) -> int:
    """A number that is not beyond those that can be compared."""
    number = _whole(field, given)
    if not 0 <= number <= _FAR:
        raise _wrong(field, given, "is none of this plan")
    return number


def _wrong(field: str, given: Any, rule: str) -> ParamInvalidError:
    return ParamInvalidError(field=field, value=_shown(given), rule=rule)


def _shown(given: Any) -> Any:
    """A value for the words of an error: not longer than people read."""
    try:
        text = repr(given)
    except ValueError:
        return "an int of too many digits"
    return given if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
