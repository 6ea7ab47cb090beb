"""The one list of deliberate differences from the SDK.

A difference is recognised by the input. Where ossign signs another text, the SDK is mended in that
one point and must then give the same bytes; where ossign refuses, the refusal must be the one that
the list promises.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable
from typing import Any

from . import mended
from .facts import Facts
from .oracle import Outcome
from .strategies import Case

LINE_BREAKS = re.compile("[\r\n\0]")
SURROGATES = re.compile("[\ud800-\udfff]")


@dataclasses.dataclass(frozen=True)
class Difference:
    """One deliberate difference."""

    name: str
    reason: str
    applies: Callable[[Facts], bool]
    raises: str = ""
    mend: Callable[[Case], Any] | None = None

    def promises(self, outcome: Outcome) -> bool:
        """Whether ossign answers as this difference says. Class names are joined with ` > `."""
        if outcome[0] == "signed" or not self.raises:
            return False
        chain = " > ".join(name for name, _ in outcome[1:])
        return (
            re.fullmatch(self.raises, f"{outcome[0]}: {chain}: {outcome[-1][1]}", re.DOTALL)
            is not None
        )


def texts(pairs: Iterable[tuple[Any, Any]]) -> Iterable[str]:
    """Names and values that are text, or are shown as one."""
    for pair in pairs:
        for item in pair:
            try:
                yield str(item)
            except Exception:
                yield ""


DIFFERENCES: list[Difference] = []


def difference(name: str, reason: str, **more: Any) -> Callable[[Any], Any]:
    """Puts a difference on the list, recognised by the function below."""

    def add(applies: Callable[[Facts], bool]) -> Callable[[Facts], bool]:
        DIFFERENCES.append(Difference(name, reason, applies, **more))
        return applies

    return add


def refused(*classes: str, words: str = ".*") -> str:
    """A pattern of an exception that presign raises within an OperationError."""
    return f"presign: OperationError > ({'|'.join(classes)}): {words}"


@difference(
    "v1-signs-x-oss-parameters",
    "OSS signs x-oss-process, every other x-oss-* parameter and the documented sub-resources; it "
    "refuses the SDK's V1 URLs, which leave them out.",
    mend=mended.sub_resources,
)
def _(facts: Facts) -> bool:
    return facts.is_v1 and any(mended.is_missing(str(name)) for name, _ in facts.parameters)


@difference(
    "v1-encodes-the-access-key-id",
    "An id with & or # breaks the SDK's V1 URL apart.",
    mend=mended.access_key_id,
)
def _(facts: Facts) -> bool:
    name = facts.case.provider.facts.get("id")
    return facts.is_v1 and isinstance(name, str) and not re.fullmatch(r"[\w.~-]*", name, re.ASCII)


@difference(
    "headers-are-trimmed",
    "HTTP clients and OSS drop spaces and tabs around a value; with them signed, OSS refuses.",
    mend=mended.trimmed,
)
def _(facts: Facts) -> bool:
    return any(isinstance(v, str) and v != v.strip(" \t") for _, v in facts.headers)


@difference(
    "additional-headers-work",
    "The SDK documents the setting and forgets to hand it to its signer.",
    mend=mended.additional_headers,
)
def _(facts: Facts) -> bool:
    is_ours = facts.case.door != "accelerated"
    return is_ours and bool(facts.config.get("additional_headers")) and not facts.is_v1


@difference(
    "ipv6-endpoints-work",
    "An IPv6 address is an IP address: the bucket goes into the path, as for IPv4.",
    mend=mended.ipv6,
)
def _(facts: Facts) -> bool:
    return "[" in str(facts.config.get("endpoint", ""))


@difference(
    "header-values-are-text",
    "What is sent is text; the SDK hands back the number or None that was given.",
    raises=refused("builtins.TypeError", "builtins.RuntimeError", "DeserializationError"),
    mend=mended.header_texts,
)
def _(facts: Facts) -> bool:
    return any(type(item) is not str for pair in facts.headers for item in pair)


@difference(
    "operation-inputs-of-the-wrong-type",
    "Headers and parameters of an OperationInput must be mappings, or pairs.",
    raises=refused("builtins.(TypeError|ValueError|AttributeError)"),
)
def _(facts: Facts) -> bool:
    given = (facts.case.fields.get(name) for name in ("headers", "parameters"))
    is_input = facts.case.operation == "OperationInput"
    return is_input and any(not hasattr(each, "items") for each in given if each is not None)


@difference(
    "bytes-that-are-no-utf8",
    "Names and values of parameters are text; bytes among them must be UTF-8.",
    raises=refused("builtins.UnicodeDecodeError"),
)
def _(facts: Facts) -> bool:
    return any(isinstance(item, bytes) for pair in facts.parameters for item in pair)


@difference(
    "unreadable-endpoints",
    "The SDK fails in Client() with whatever its own code trips over, such as AttributeError.",
    raises="Client: ParamInvalidError: invalid field, endpoint: .*",
)
def _(facts: Facts) -> bool:
    return bool(facts.config.get("endpoint")) and facts.options is None


@difference(
    "cloud-box-detection-without-an-endpoint",
    "The SDK trips over its missing endpoint in Client(); ossign misses it in presign, as it does "
    "without detection.",
    raises="(request|presign): .*",
)
def _(facts: Facts) -> bool:
    return bool(facts.config.get("enable_auto_detect_cloud_box_id")) and facts.options is None


@difference(
    "settings-of-the-wrong-type",
    "A TypeError in Client() names the setting; the SDK fails anywhere, or signs nonsense.",
    raises="Client: builtins.(TypeError: .* must be str, not .*|UnicodeEncodeError: .*)",
)
def _(facts: Facts) -> bool:
    settings = facts.config
    single = [settings.get(n) for n in ("region", "endpoint", "account_id")]
    many = [x for pair in (settings.get("default_request_headers") or {}).items() for x in pair]
    given = [v for v in (*single, *many, *settings.get("additional_headers", ())) if v is not None]
    return any(not isinstance(v, str) or SURROGATES.search(v) for v in given)


@difference(
    "names-that-are-no-text",
    "Bucket and key must be str; the SDK fails at the first place that needs one.",
    raises=refused("BucketNameInvalidError", "ObjectNameInvalidError", "builtins.TypeError"),
)
def _(facts: Facts) -> bool:
    return any(name is not None and not isinstance(name, str) for name in facts.names)


@difference(
    "credentials-that-are-no-text",
    "Id, secret and token must be str; the words say so.",
    raises=refused("builtins.TypeError", words="credentials must be str, not .*"),
)
def _(facts: Facts) -> bool:
    parts = (facts.case.provider.facts.get(n) for n in ("id", "secret", "token"))
    return any(part is not None and not isinstance(part, str) for part in parts)


@difference(
    "lone-surrogates",
    "Half a character cannot be encoded, and so not be sent: the same UnicodeEncodeError, for "
    "headers that are not signed too, before credentials are asked for, and with the place in the "
    "value instead of the place in the signed text.",
    raises=refused("builtins.UnicodeEncodeError"),
)
def _(facts: Facts) -> bool:
    who = (facts.case.provider.facts.get(n) for n in ("id", "secret", "token"))
    return any(SURROGATES.search(text) for text in texts([*facts.headers, facts.names, who]))


@difference(
    "expiry-below-one-second",
    "OSS wants x-oss-expires from 1 on; the SDK signs 0 and negative numbers.",
    raises="presign: PresignExpirationError: expires .* must be at least 1 second from now",
)
def _(facts: Facts) -> bool:
    return facts.is_signed and facts.seconds is not None and facts.seconds < 1


@difference(
    "line-breaks-in-headers",
    "CR, LF or NUL would smuggle a header that the signature allows, or end the request.",
    raises=refused(
        "ParamInvalidError", words="invalid field, header .* must not contain CR, LF or NUL[.]"
    ),
)
def _(facts: Facts) -> bool:
    return any(LINE_BREAKS.search(text) for text in texts(facts.headers))


@difference(
    "keys-nobody-can-ask-for",
    "OSS allows 1 to 1023 bytes of UTF-8, and no / or \\ in front.",
    raises=refused("ObjectNameInvalidError", words="Object name is invalid: key .*"),
)
def _(facts: Facts) -> bool:
    key = facts.names[1]
    if not isinstance(key, str):
        return False
    return key.startswith(("/", "\\")) or len(key.encode("utf-8", "surrogatepass")) > 1023


@difference(
    "regions-nobody-can-sign",
    "V4 signs the region: without one, with 'oss-' in front or with characters outside a-z, 0-9 "
    "and '-', OSS refuses. Nor can a host be made of such a region.",
    raises=refused("ParamInvalidError", words="invalid field, (region: .*|endpoint)[.]"),
)
def _(facts: Facts) -> bool:
    region = getattr(facts.options, "region", facts.config.get("region")) or ""
    given = facts.config.get("region") or ""
    bad = [r for r in (region, given) if not re.fullmatch("(?!oss-)[a-z0-9-]+", str(r))]
    return bool(bad) and (not facts.is_v1 or not facts.config.get("endpoint"))


@difference(
    "part-numbers-out-of-range",
    "OSS knows the parts 1 to 10000.",
    raises=refused("ParamInvalidError", words="invalid field, part_number: .* from 1 to 10000[.]"),
)
def _(facts: Facts) -> bool:
    number = dict(facts.parameters).get("partNumber", "1")
    is_number = re.fullmatch("[+]?[0-9]+", number) if isinstance(number, str) else None
    return facts.case.operation == "UploadPart" and not (is_number and 1 <= int(number) <= 10_000)


@difference(
    "unknown-keywords-of-presign",
    "presign(request, expire=...) silently lasts 15 minutes in the SDK.",
    raises=r"presign: builtins.TypeError: Client.presign\(\) got an unexpected keyword argument .*",
)
def _(facts: Facts) -> bool:
    return "expire" in facts.case.call


@difference(
    "unknown-keywords-of-requests",
    "A misspelt field is ignored by the SDK, and missing from the URL.",
    raises=r"request: builtins.TypeError: \w+Request\(\) got an unexpected keyword argument .*",
)
def _(facts: Facts) -> bool:
    return facts.case.door == "own" and bool(
        {"expire", "Bucket", "contentType"} & set(facts.case.fields)
    )


@difference(
    "expires-is-no-timedelta",
    "Same TypeError, in words that name the field and the remedy.",
    raises="presign: builtins.TypeError: expires must be a datetime.timedelta, got .*",
)
def _(facts: Facts) -> bool:
    return "expiration" not in facts.case.call and facts.seconds is None


@difference(
    "credentials-that-have-ended",
    "OSS refuses whatever is signed with an expired token.",
    raises=refused(
        "CredentialsExpiredError", "CredentialsBaseError", words="Credentials expired at .*"
    ),
)
def _(facts: Facts) -> bool:
    return "end" in facts.case.provider.facts


@difference(
    "headers-that-contradict-the-query",
    "OSS refuses a V4 URL with a parameter and a signed header of one name and two values.",
    raises=refused(
        "ParamInvalidError", words="invalid field, header .* must not differ from the query .*"
    ),
)
def _(facts: Facts) -> bool:
    names = {str(name).lower() for name, _ in facts.headers}
    return not facts.is_v1 and bool(names & ({"x-oss-date"} | {n for n, _ in facts.parameters}))


@difference(
    "callbacks-in-two-places",
    "OSS refuses a request with a callback in a header and in the query.",
    raises=refused(
        "ParamInvalidError", words="invalid field, header x-oss-callback.* beside the query .*"
    ),
)
def _(facts: Facts) -> bool:
    names = {str(name).lower() for name, _ in facts.headers}
    return "x-oss-callback" in names and "callback" in {name for name, _ in facts.parameters}


def explain(case: Case, ours: Outcome, theirs: Outcome) -> list[str]:
    """The listed differences that turn the SDK's outcome into ours; none, if there are none."""
    facts = Facts(case)
    found = [listed for listed in DIFFERENCES if listed.applies(facts)]
    promised = [listed.name for listed in found if listed.promises(ours)]
    if promised:
        return promised
    mending = [listed for listed in found if listed.mend]
    if mending and mended.outcome(case, [listed.mend for listed in mending if listed.mend]) == ours:
        return [listed.name for listed in mending]
    return []
