"""Profiles of ossutil and of the Alibaba Cloud CLI are read as those tools read them."""

from __future__ import annotations

import copy
import datetime
import json
import os
import pickle
import threading
from pathlib import Path

import ossign as oss
import pytest
from ossign.exceptions import CredentialsBaseError, ProfileError
from ossign.profiles import load_profile

Provider = oss.credentials.ProfileCredentialsProvider
SECRET = "s3cr=t;#'x"

OSSUTIL_2 = f"""\
# made by hand
[default]
accessKeyID = default-id
accessKeySecret={SECRET}
region = cn-hangzhou

[profile dev]
access-key-id = dev-id
ACCESS_KEY_SECRET = dev-secret
stsToken = dev-token
endpoint = https://oss-cn-beijing-internal.aliyuncs.com

[profile child]
source-profile = dev
region = cn-shenzhen
"""
OSSUTIL_1 = """\
[Credentials]
language=EN
endpoint=oss-cn-shanghai.aliyuncs.com
accessKeyID=v1-id
accessKeySecret=v1-secret
[Bucket-Endpoint]
b=h
"""


def cli(**more: object) -> str:
    profile = {
        "name": "default", "mode": "AK", "access_key_id": "cli-id",
        "access_key_secret": "cli-secret", "sts_token": "", "region_id": "cn-hangzhou",
    }  # fmt: skip
    return json.dumps({"current": "default", "profiles": [{**profile, **more}], "meta_path": ""})


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config"


def facts(profile: object) -> tuple[object, ...]:
    c = profile.credentials
    return (
        c.access_key_id,
        c.access_key_secret,
        c.security_token,
        profile.region,
        profile.endpoint,
    )


def test_sections_of_ossutil_2(file: Path) -> None:
    file.write_text(OSSUTIL_2)
    assert facts(load_profile(file=file)) == ("default-id", SECRET, None, "cn-hangzhou", None)
    endpoint = "https://oss-cn-beijing-internal.aliyuncs.com"
    dev = ("dev-id", "dev-secret", "dev-token", "cn-beijing", endpoint)
    assert facts(load_profile("dev", file)) == facts(load_profile("DEV", str(file))) == dev
    assert facts(load_profile("child", file)) == (*dev[:3], "cn-shenzhen", endpoint)


def test_the_section_of_ossutil_1(file: Path) -> None:
    file.write_text(OSSUTIL_1)
    expected = ("v1-id", "v1-secret", None, "cn-shanghai", "oss-cn-shanghai.aliyuncs.com")
    assert facts(load_profile(file=file)) == facts(load_profile("credentials", file)) == expected


def test_the_default_of_the_cli_is_its_current_profile(file: Path) -> None:
    other = {"name": "other", "mode": "StsToken", "access_key_id": "o", "access_key_secret": "s",
             "sts_token": "t"}  # fmt: skip
    content = json.loads(cli())
    content["profiles"].append(other)
    file.write_text(json.dumps(content))
    assert facts(load_profile(file=file)) == ("cli-id", "cli-secret", None, "cn-hangzhou", None)
    content["current"] = "other"
    file.write_text(json.dumps(content))
    assert facts(load_profile(file=file)) == ("o", "s", "t", None, None)
    assert load_profile("default", file).credentials.access_key_id == "cli-id"


@pytest.mark.parametrize("mode", ["StsToken", "CloudSSO", "OAuth", "oauth"])
def test_temporary_credentials_keep_their_end(mode: str, file: Path) -> None:
    file.write_text(cli(mode=mode, sts_token="t", sts_expiration=4_000_000_000))
    end = datetime.datetime.fromtimestamp(4_000_000_000, datetime.timezone.utc)
    assert load_profile(file=file).credentials.expiration == end
    file.write_text(cli(mode=mode, sts_token="t", sts_expiration=1_000))
    client = oss.Client(oss.Config(region="cn-hangzhou", credentials_provider=Provider(file=file)))
    with pytest.raises(oss.exceptions.OperationError) as caught:
        client.presign(oss.GetObjectRequest(bucket="bucket", key="k"))
    assert isinstance(caught.value.unwrap(), oss.exceptions.CredentialsExpiredError)


@pytest.mark.parametrize("end", ["2096-10-02T07:06:40Z", "2096-10-02T07:06:40", "4000000000"])
def test_an_end_may_be_text(end: str, file: Path) -> None:
    file.write_text(f"[default]\naccessKeyID=i\naccessKeySecret=s\nstsToken=t\nexpiration={end}\n")
    expiration = load_profile(file=file).credentials.expiration
    assert expiration is not None and expiration.timestamp() == 4_000_000_000


def test_the_mode_ak_ignores_a_token(file: Path) -> None:
    file.write_text(cli(sts_token="left over", sts_expiration=1))
    credentials = load_profile(file=file).credentials
    assert (credentials.security_token, credentials.expiration) == (None, None)


def test_a_changed_file_is_read_again(file: Path) -> None:
    file.write_text(OSSUTIL_1)
    provider = Provider(file=file)
    first = provider.get_credentials()
    assert provider.get_credentials() is first
    file.write_text(OSSUTIL_1.replace("v1-id", "v2-longer-id"))
    assert provider.get_credentials().access_key_id == "v2-longer-id"
    assert provider.profile.region == "cn-shanghai"
    file.unlink()
    with pytest.raises(ProfileError, match="No such file"):
        provider.get_credentials()


def test_what_can_be_read_only_once_is_read_once(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=(OSSUTIL_1,))
    writer.start()
    provider = Provider(file=pipe)
    writer.join()
    assert provider.get_credentials().access_key_id == "v1-id"


def test_without_a_file_the_first_that_has_the_profile_is_taken(home: Path) -> None:
    with pytest.raises(ProfileError, match="a default profile is in none of them"):
        load_profile()
    (home / ".aliyun").mkdir()
    (home / ".aliyun" / "config.json").write_text(cli())
    assert load_profile().credentials.access_key_id == "cli-id"
    (home / ".ossutilconfig").write_text(OSSUTIL_2)
    assert load_profile().credentials.access_key_id == "default-id"
    (home / ".ossutilconfig").write_text("[profile dev]\naccessKeyID=a\naccessKeySecret=b\n")
    assert load_profile().credentials.access_key_id == "cli-id"
    with pytest.raises(ProfileError, match="the profile 'x' is in none of them"):
        load_profile("x")


def test_spaces_a_byte_order_mark_and_line_ends_of_windows_do_no_harm(file: Path) -> None:
    text = "\n[ default ]\n  accessKeyID =  i \n accessKeySecret\t=\ts\t\n"
    file.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert facts(load_profile(file=file)) == ("i", "s", None, None, None)


def ini(lines: str) -> str:
    return f"[default]\n{lines}\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "has no default profile"),
        ("top-secret\n", "neither a [section] nor NAME=VALUE"),
        ("[default\ntop-secret=1", "neither a [section]"),
        ("accessKeySecret=top-secret\n[default]", "neither a [section]"),
        (ini("accessKeyID=top-secret"), "no AccessKey secret"),
        (ini("accessKeyID\naccessKeySecret=top-secret"), "no AccessKey id"),
        (ini("accessKeySecret=top-secret"), "no AccessKey id"),
        (ini("mode=EcsRamRole\nprivate=top-secret"), "EcsRamRole"),
        (ini("mode=top-secret mode"), "the mode unknown"),
        (ini("ecsRoleName=top-secret"), "a role"),
        (ini("mode=StsToken\naccessKeyID=i\naccessKeySecret=top-secret"), "no security token"),
        (ini("source-profile=missing\naccessKeyID=top-secret"), "the source profile 'missing'"),
        (ini("source-profile=default\naccessKeyID=top-secret"), "the source profile 'default'"),
        (ini("accessKeyID=i\naccessKeySecret=top-secret\nstsToken=t\nexpiration=later"), "no time"),
        ('{"profiles": [top-secret]}', "not valid JSON in line 1"),
        ('{"profiles": "top-secret"}', "no list 'profiles'"),
        ('{"profiles": ["top-secret"]}', "no list 'profiles'"),
        ('{"a":' * 100_000, "nested too deeply"),
        ('{"profiles": []}', "has no default profile; it has none at all"),
        (cli(access_key_secret=5), "accesskeysecret is no text"),
        (cli(mode="RamRoleArn", access_key_secret="top-secret"), "RamRoleArn"),
        (cli(mode="CloudSSO", access_key_secret="top-secret"), "no security token"),
        (cli(mode="OAuth", sts_token="top-secret", sts_expiration="x"), "no time"),
        (cli(mode="OAuth", sts_token="top-secret", sts_expiration=10**30), "no time"),
        (cli(mode="OAuth", sts_token="top-secret", sts_expiration=[1]), "no time"),
        (cli(name="other"), "has no default profile; it has 'other'"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_and_not_quoted(text: str, says: str, file: Path) -> None:
    file.write_text(text)
    with pytest.raises(ProfileError) as caught:
        Provider(file=file)
    message = str(caught.value)
    assert message.startswith(f"{file}: ") and says in message and "\n" not in message
    assert "top-secret" not in message and "top-secret" not in repr(caught.value.__cause__)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="No such file"):
        load_profile(file=tmp_path / "missing")
    with pytest.raises(ProfileError, match="Is a directory"):
        load_profile(file=tmp_path)
    with pytest.raises(ProfileError, match="larger than 1 MB"):
        load_profile(file="/dev/zero")
    (tmp_path / "bytes").write_bytes(b"[default]\naccessKeyID=\xff")
    with pytest.raises(ProfileError, match="not UTF-8"):
        load_profile(file=tmp_path / "bytes")


def test_a_profile_error_is_about_credentials_and_pickles() -> None:
    error = ProfileError(file="f", reason="r")
    assert isinstance(error, CredentialsBaseError)
    assert str(pickle.loads(pickle.dumps(error))) == "f: r"


def test_no_repr_shows_a_secret(file: Path) -> None:
    file.write_text(OSSUTIL_2)
    profile = load_profile("dev", file)
    for shown in (repr(profile), repr(Provider("dev", file))):
        assert "dev-secret" not in shown and "dev-token" not in shown


def test_a_client_signs_with_a_profile_and_pickles(file: Path) -> None:
    file.write_text(OSSUTIL_2)
    provider = Provider("dev", file)
    config = oss.Config(region="cn-beijing", credentials_provider=provider)
    for client in (oss.Client(config), pickle.loads(pickle.dumps(oss.Client(config)))):
        url = client.presign(oss.GetObjectRequest(bucket="bucket", key="k")).url
        assert "credential=dev-id%2F" in url and "security-token=dev-token&" in url
    assert b"dev-secret" not in pickle.dumps(oss.Client(config))
    for again in (copy.copy(provider), copy.deepcopy(provider)):
        assert again.get_credentials().access_key_id == "dev-id"


@pytest.mark.parametrize(
    ("endpoint", "region"),
    [
        ("oss-cn-hangzhou.aliyuncs.com", "cn-hangzhou"),
        ("https://oss-ap-southeast-1-internal.aliyuncs.com/", "ap-southeast-1"),
        ("oss-accelerate.aliyuncs.com", None),
        ("oss-accelerate-overseas.aliyuncs.com", None),
        ("oss-cn-hzfinance.aliyuncs.com", None),
        ("oss-cn-hangzhou.example.com", None),
        ("img.example.com", None),
    ],
)
def test_a_region_is_read_from_a_host_that_names_it(
    endpoint: str, region: str | None, file: Path
) -> None:
    file.write_text(ini(f"accessKeyID=i\naccessKeySecret=s\nendpoint={endpoint}"))
    assert load_profile(file=file).region == region
