"""The errors carry the SDK's names and words, pickle, and say more where ossign refuses more."""

from __future__ import annotations

import copy
import inspect
import pickle

import alibabacloud_oss_v2.exceptions as theirs
import ossign.exceptions as ours
import pytest

SDK_CLASSES = [name for name, item in vars(theirs).items() if inspect.isclass(item)]
KWARGS = dict(
    error=ValueError("no"),
    status_code=403,
    code="AccessDenied",
    request_id="id",
    message="m {not a field}",
    ec="0003",
    timestamp="now",
    request_target="GET https://h/",
    field="region",
    name="Name",
    client_crc="1",
    server_crc="2",
    filepath="/f",
)


@pytest.mark.parametrize("name", SDK_CLASSES)
def test_every_error_of_the_sdk_exists_with_its_message(name: str) -> None:
    ours_error, their_error = getattr(ours, name)(**KWARGS), getattr(theirs, name)(**KWARGS)
    assert str(ours_error) == str(their_error)
    assert ours_error.fmt == their_error.fmt
    assert ours_error.kwargs == their_error.kwargs


@pytest.mark.parametrize("name", SDK_CLASSES)
def test_every_error_has_the_base_of_the_sdk(name: str) -> None:
    assert getattr(ours, name).__base__.__name__ == getattr(theirs, name).__base__.__name__


@pytest.mark.parametrize("name", SDK_CLASSES)
def test_every_error_survives_pickling_and_copying(name: str) -> None:
    error = getattr(ours, name)(**{**KWARGS, "error": ours.ParamNullError(field="x")})
    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(twin) is type(error)
        assert str(twin) == str(error)
        assert set(twin.kwargs) == set(error.kwargs)


@pytest.mark.parametrize("name", ["OperationError", "RequestError", "ResponseError"])
def test_unwrap_gives_the_error_inside(name: str) -> None:
    inside = KeyError("k")
    assert getattr(ours, name)(name="Op", error=inside).unwrap() is inside


def test_a_missing_keyword_is_a_key_error_as_in_the_sdk() -> None:
    for module in (ours, theirs):
        with pytest.raises(KeyError):
            module.ParamNullError()


def test_positional_arguments_are_refused_as_in_the_sdk() -> None:
    for module in (ours, theirs):
        with pytest.raises(TypeError):
            module.BaseError("text")


def test_service_errors_keep_their_parts() -> None:
    error = ours.ServiceError(**KWARGS)
    assert (error.status_code, error.code, error.ec) == (403, "AccessDenied", "0003")
    assert (error.snapshot, error.headers, error.error_fileds) == (None, None, None)


def test_an_invalid_parameter_names_field_value_and_rule() -> None:
    error = ours.ParamInvalidError(
        field="region", value="oss-cn-hangzhou", rule="must not start with 'oss-'"
    )
    assert str(error) == "invalid field, region: 'oss-cn-hangzhou' must not start with 'oss-'."
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_an_invalid_object_name_names_field_value_and_rule() -> None:
    error = ours.ObjectNameInvalidError(field="key", value="/a", rule="must not start with '/'")
    assert str(error) == "Object name is invalid: key '/a' must not start with '/'."


def test_a_bad_expiry_names_field_value_and_rule() -> None:
    error = ours.PresignExpirationError(
        field="expires", value="-5 s", rule="must be at least 1 second"
    )
    assert str(error) == "expires -5 s must be at least 1 second"
    assert str(ours.PresignExpirationError()) == str(theirs.PresignExpirationError())


def test_a_value_of_a_megabyte_does_not_flood_the_message() -> None:
    error = ours.ObjectNameInvalidError(field="key", value="k" * 1_000_000, rule="is too long")
    assert len(str(error)) < 250
    assert "(1000000 characters)" in str(error)


def test_a_value_with_braces_is_shown_as_it_is() -> None:
    error = ours.ParamInvalidError(field="key", value="{0}{x}", rule="has {braces}")
    assert str(error) == "invalid field, key: '{0}{x}' has {braces}."


def test_expired_credentials_have_an_error_of_their_own() -> None:
    error = ours.CredentialsExpiredError(expiration="2026-01-01T00:00:00Z")
    assert isinstance(error, ours.CredentialsBaseError)
    assert str(error) == "Credentials expired at 2026-01-01T00:00:00Z"
