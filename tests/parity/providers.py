"""Providers of credentials of all kinds: good, temporary, empty, failing, and odd."""

from __future__ import annotations

import datetime
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from . import values
from .values import Made, maybe

IDS = st.sampled_from(("LTAI5tExample", "ak", "STS.NTabc123"))
ODD_IDS = st.one_of(
    st.sampled_from(
        ("a&b#c", "a b", "a%41", "数", "a\tb", "a\nb", "ak\ud800", "", None, 7, b"ak", "?")
    ),
    values.odd,
)
SECRETS = st.sampled_from(("secret", "x" * 30, "y" * 54, "z" * 100, "數據"))
ODD_SECRETS = st.sampled_from(("", None, 7, b"sk", "s\ud800", "\0", "s" * 1000))
TOKENS = st.sampled_from((None, None, None, "token", "CAIS+/==&x", "t" * 800))
ODD_TOKENS = st.sampled_from(("", 7, b"t", "t\ud800", "t\r\n", "數", False))
ENDS = st.sampled_from((60, 3600, 1e7, 1e-6, 0, -1, -1e6))
ODD_ENDS = st.sampled_from(("2030-01-01", 7, datetime.date(2030, 1, 1)))
FAILURES = st.sampled_from(
    (ValueError("boom {0}"), KeyError("k"), OSError(2, "gone"), RuntimeError(), Exception("數"))
)


def _static(name: str, secret: Any, token: Any) -> Made:
    words = f"Static({name!r}, {secret!r}, {token!r})"
    return Made(
        words,
        lambda oss: oss.credentials.StaticCredentialsProvider(name, secret, token),
        {"id": name, "secret": secret, "token": token},
    )


def _temporary(name: str, secret: Any, token: Any, end: Any) -> Made:
    def make(oss: ModuleType) -> Any:
        whole = oss.credentials.Credentials(name, secret, token, end)
        return oss.credentials.CredentialsProviderFunc(lambda: whole)

    words = f"Func({name!r}, {secret!r}, {token!r}, {end!r})"
    return Made(words, make, {"id": name, "secret": secret, "token": token, "end": end})


def _failing(error: Exception) -> Made:
    def fail() -> Any:
        raise error

    return Made(
        f"Failing({error!r})",
        lambda oss: oss.credentials.CredentialsProviderFunc(fail),
        {"fails": True},
    )


def _anonymous(oss: ModuleType) -> Any:
    return oss.credentials.AnonymousCredentialsProvider()


def _anonymous_subclass(oss: ModuleType) -> Any:
    return type("Nobody", (oss.credentials.AnonymousCredentialsProvider,), {})()


def _nothing(oss: ModuleType) -> Any:
    return oss.credentials.CredentialsProviderFunc(lambda: None)


ODD = st.sampled_from(
    (
        Made("None", lambda oss: None, {"fails": True}),
        Made("a provider of nothing", _nothing, {"fails": True}),
        Made("an object()", lambda oss: object(), {"fails": True}),
        Made("a str", lambda oss: "provider", {"fails": True}),
        Made("a provider of 7", lambda oss: oss.credentials.CredentialsProviderFunc(lambda: 7)),
    )
)
ANONYMOUS = st.sampled_from(
    (
        Made("Anonymous()", _anonymous, {"anonymous": True}),
        Made("a subclass of Anonymous", _anonymous_subclass, {"anonymous": True}),
    )
)


def providers(now: datetime.datetime) -> st.SearchStrategy[Made]:
    """Providers whose temporary credentials end before or after `now`."""
    utc = now.astimezone(datetime.timezone.utc)
    ends = maybe(9, ENDS.map(lambda seconds: utc + datetime.timedelta(seconds=seconds)), ODD_ENDS)
    ids, secrets = maybe(7, IDS, ODD_IDS), maybe(15, SECRETS, ODD_SECRETS)
    tokens = maybe(12, TOKENS, ODD_TOKENS)
    plain = st.builds(_static, IDS, SECRETS, TOKENS)
    odd = st.one_of(
        st.builds(_static, ids, secrets, tokens),
        st.builds(_temporary, ids, secrets, tokens, ends),
        st.builds(_failing, FAILURES),
        ANONYMOUS,
        ODD,
    )
    return maybe(3, plain, odd)
