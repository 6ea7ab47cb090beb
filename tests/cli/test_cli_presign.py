"""`ossign presign`: what it prints is what the library signs, and what is wrong is said."""

from __future__ import annotations

import datetime
import json
import os
import subprocess

import ossign as oss
import pytest
import standin
from shell import COMMAND, HERE, KEYS, Shell

NOW = 1_767_225_600  # 2026-01-01
PLACE = ("--region", standin.REGION)
REQUESTS = {
    "put": oss.PutObjectRequest,
    "get": oss.GetObjectRequest,
    "head": oss.HeadObjectRequest,
    "initiate": oss.InitiateMultipartUploadRequest,
    "part": oss.UploadPartRequest,
    "complete": oss.CompleteMultipartUploadRequest,
    "abort": oss.AbortMultipartUploadRequest,
}
NEEDED = {
    "part": {"upload_id": "ID", "part_number": 3},
    "complete": {"upload_id": "ID"},
    "abort": {"upload_id": "ID"},
}


def needed(operation: str) -> list[str]:
    fields = NEEDED.get(operation, {})
    return [w for n, v in fields.items() for w in (f"--{n.replace('_', '-')}", str(v))]


def as_of(result_date: str, request: object, expires: int = 900, **config: object) -> str:
    """The URL that the library signs at the moment when the command signed."""
    import freezegun

    at = datetime.datetime.strptime(result_date, "%Y%m%dT%H%M%SZ")
    client = oss.Client(
        oss.Config(
            region=standin.REGION,
            credentials_provider=oss.Credentials(standin.ID, standin.SECRET),
            **config,
        )
    )
    with freezegun.freeze_time(at):
        return client.presign(request, expires=datetime.timedelta(seconds=expires)).url


def date_of(url: str) -> str:
    return url.partition("x-oss-date=")[2].partition("&")[0]


@pytest.mark.parametrize("operation", REQUESTS)
def test_each_operation_prints_the_library_s_url(operation: str, shell: Shell) -> None:
    key = "a dir/ключ+1 数.txt"
    out = shell.succeed("presign", operation, "examplebucket", key, *needed(operation))
    fields = {"bucket": "examplebucket", "key": key, **NEEDED.get(operation, {})}
    assert out == as_of(date_of(out), REQUESTS[operation](**fields)) + "\n"


@pytest.mark.parametrize("operation", REQUESTS)
def test_every_field_of_the_table_has_an_option(operation: str, shell: Shell) -> None:
    values = {"int": 819200, "bool": True, "dict,usermeta": {"a": "1", "b": "x=y"}}
    fields: dict[str, object] = {}
    words: list[str] = []
    for name, row in REQUESTS[operation]._attribute_map.items():
        if row.get("position") not in ("header", "query"):
            continue
        value = 7 if name == "part_number" else values.get(row.get("type", ""), "v 1'2")
        fields[name] = value
        if name == "metadata":
            words += ["--meta", "a=1", "--meta", "b=x=y"]
            continue
        text = str(value).lower() if isinstance(value, bool) else str(value)
        option = {"range_header": "range", "expires": "expires-header"}.get(name, name)
        words += [f"--{option.replace('_', '-')}", text]
    request = REQUESTS[operation](bucket="examplebucket", key="k", **fields)
    shown = json.loads(shell.succeed("presign", operation, "examplebucket", "k", "--json", *words))
    assert shown["url"] == as_of(date_of(shown["url"]), request)
    generic = [
        w
        for n, v in fields.items()
        if n != "metadata"
        for w in ("--field", f"{n}={str(v).lower() if v is True else v}")
    ]
    meta = ["--meta", "a=1", "--meta", "b=x=y"] if "metadata" in fields else []
    url = shell.succeed("presign", operation, "examplebucket", "k", *generic, *meta).strip()
    assert url == as_of(date_of(url), request)


def test_json_has_all_that_a_client_needs(shell: Shell) -> None:
    out = shell.succeed(
        "presign", "put", "examplebucket", "k", "--json", "--expires", "1h30m",
        "--content-type", "text/plain", "--cache-control", "no-cache", "--meta", "a=b",
    )  # fmt: skip
    shown = json.loads(out)
    assert [*shown] == [
        "method", "url", "expiration", "effective_expiration", "signed_headers", "request_headers",
    ]  # fmt: skip
    assert shown["method"] == "PUT"
    assert "x-oss-expires=5400&" in shown["url"]
    assert shown["signed_headers"] == {"x-oss-meta-a": "b", "Content-Type": "text/plain"}
    assert shown["request_headers"] == {**shown["signed_headers"], "Cache-Control": "no-cache"}
    assert datetime.datetime.fromisoformat(shown["expiration"]).tzinfo is not None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("15m", 900), ("1h", 3600), ("1h30m", 5400), ("7d", 604800), ("1w", 604800),
     ("1d12h", 129600), ("3600", 3600), ("0h1s", 1), ("6d24h", 604800)],
)  # fmt: skip
def test_durations_are_read(text: str, seconds: int, shell: Shell) -> None:
    url = shell.succeed("presign", "get", "examplebucket", "k", "--expires", text)
    assert f"&x-oss-expires={seconds}&" in url


@pytest.mark.parametrize(
    "text", ["", " ", "0", "0s", "-1", "1.5h", "1 h", "h", "1x", "1m1h", "1H", "１h", "9999999999s"]
)
def test_other_durations_are_refused(text: str, shell: Shell) -> None:
    line = shell.fail(2, "presign", "get", "examplebucket", "k", f"--expires={text}")
    assert "argument --expires" in line and repr(text) in line


def test_an_oss_address_names_bucket_and_key(shell: Shell) -> None:
    url = shell.succeed("presign", "get", "oss://examplebucket/a/b c.txt")
    assert url.startswith("https://examplebucket.oss-cn-hangzhou.aliyuncs.com/a/b%20c.txt?")
    shell.fail(2, "presign", "get", "oss://examplebucket/a", "b")
    shell.fail(2, "presign", "get", "oss://examplebucket/")
    shell.fail(2, "presign", "get", "oss://examplebucket")


@pytest.mark.parametrize(
    ("words", "start"),
    [
        (["--internal"], "https://examplebucket.oss-cn-hangzhou-internal.aliyuncs.com/k?"),
        (["--dualstack"], "https://examplebucket.cn-hangzhou.oss.aliyuncs.com/k?"),
        (["--accelerate"], "https://examplebucket.oss-accelerate.aliyuncs.com/k?"),
        (["--accelerate-overseas"], "https://examplebucket.oss-accelerate-overseas.aliyuncs.com/k?"),
        (["--http"], "http://examplebucket.oss-cn-hangzhou.aliyuncs.com/k?"),
        (["--endpoint", "https://img.example.com", "--cname"], "https://img.example.com/k?"),
        (["--endpoint", "http://h:9", "--path-style"], "http://h:9/examplebucket/k?"),
        (["--endpoint", "http://h:9"], "http://examplebucket.h:9/k?"),
        (["--region", "cn-beijing"], "https://examplebucket.oss-cn-beijing.aliyuncs.com/k?"),
    ],
)  # fmt: skip
def test_the_host_is_the_one_asked_for(words: list[str], start: str, shell: Shell) -> None:
    assert shell.succeed("presign", "get", "examplebucket", "k", *words).startswith(start)


def test_version_1_and_signed_headers(shell: Shell) -> None:
    url = shell.succeed("presign", "get", "examplebucket", "k", "--v1")
    assert "OSSAccessKeyId=" in url and "x-oss-date" not in url
    url = shell.succeed(
        "presign", "put", "examplebucket", "k", "-H", "Cache-Control: no-cache",
        "--sign-header", "cache-control",
    )  # fmt: skip
    assert "&x-oss-additional-headers=cache-control&" in url


def test_headers_and_parameters_beyond_the_table(shell: Shell) -> None:
    out = shell.succeed(
        "presign", "put", "examplebucket", "k", "--json", "-H", "x-oss-new:  v 1 ",
        "--query", "a=b=c", "--query", "empty=",
    )  # fmt: skip
    shown = json.loads(out)
    assert shown["signed_headers"] == {"x-oss-new": "v 1"}
    assert "?a=b%3Dc&empty&" in shown["url"] or "?a=b%3Dc&empty=&" in shown["url"]


@pytest.mark.parametrize(
    ("code", "words", "says"),
    [
        (2, [], "OPERATION"),
        (2, ["upload"], "invalid choice: 'upload'"),
        (2, ["put"], "BUCKET"),
        (2, ["put", "examplebucket"], "KEY"),
        (2, ["put", "examplebucket", ""], "KEY"),
        (2, ["put", "examplebucket", "k", "more"], "'more'"),
        (2, ["put", "examplebucket", "k", "--contenttype=a"], "did you mean --content-type?"),
        (2, ["put", "examplebucket", "k", "--content-type"], "expected one argument"),
        (2, ["put", "examplebucket", "k", "--json", "--curl"], "not allowed with"),
        (2, ["put", "examplebucket", "k", "-H", "no colon"], "'Name: value'"),
        (2, ["put", "examplebucket", "k", "-H", ": v"], "name of a header"),
        (2, ["put", "examplebucket", "k", "-H", "a b: v"], "'a b'"),
        (2, ["put", "examplebucket", "k", "-H", "A: 1", "-H", "a: 2"], "'a' is given twice"),
        (2, ["put", "examplebucket", "k", "--meta", "a"], "name=value"),
        (2, ["put", "examplebucket", "k", "--meta", "=a"], "name=value"),
        (2, ["put", "examplebucket", "k", "--meta", "a=1", "--meta", "A=2"], "given twice"),
        (2, ["put", "examplebucket", "k", "--query", "a"], "name=value"),
        (2, ["put", "examplebucket", "k", "--query", "a=1", "--query", "a=2"], "given twice"),
        (2, ["put", "examplebucket", "k", "--field", "a=1"], "has no 'a'"),
        (2, ["put", "examplebucket", "k", "--field", "contenttype=1"], "'content_type'"),
        (2, ["put", "examplebucket", "k", "--field", "metadata=1"], "--meta"),
        (2, ["put", "examplebucket", "k", "--field", "body=1"], "has no 'body'"),
        (2, ["put", "examplebucket", "k", "--field", "acl=a", "--acl", "b"], "given twice"),
        (2, ["put", "examplebucket", "k", "--content-type", "a", "-H", "content-type: b"],
         "Content-Type is given as --content-type too"),
        (2, ["put", "examplebucket", "k", "--content-length", "1k"], "whole number"),
        (2, ["put", "examplebucket", "k", "--content-length=-1"], "whole number"),
        (2, ["put", "examplebucket", "k", "--field", "content_length=x"], "whole number"),
        (2, ["put", "examplebucket", "k", "--forbid-overwrite", "yes"], "true nor false"),
        (2, ["put", "examplebucket", "k", "--internal", "--accelerate"], "not allowed with"),
        (2, ["put", "examplebucket", "k", "--internal", "--endpoint", "h"], "--internal"),
        (2, ["put", "examplebucket", "k", "--cname"], "--endpoint"),
        (2, ["put", "examplebucket", "k", "--cname", "--path-style"], "not allowed with"),
        (2, ["put", "examplebucket", b"\xff"], "UTF-8"),
        (2, ["put", "examplebucket", "k", "--meta", b"a=\xff"], "UTF-8"),
        (1, ["put", "B", "k"], "Bucket name is invalid"),
        (1, ["put", "examplebucket", "/k"], "must not start with"),
        (1, ["put", "examplebucket", "k" * 2000], "Object name is invalid"),
        (1, ["put", "examplebucket", "k", "--expires", "8d"], "seven days"),
        (1, ["put", "examplebucket", "k", "--region", "oss-cn-hangzhou"], "without 'oss-'"),
        (1, ["put", "examplebucket", "k", "--endpoint", "http://"], "endpoint"),
        (1, ["put", "examplebucket", "k", "--content-type", "a\nb"], "header Content-Type"),
        (1, ["part", "examplebucket", "k"], "part_number"),
        (1, ["part", "examplebucket", "k", "--part-number", "0", "--upload-id", "a"], "10000"),
        (1, ["abort", "examplebucket", "k"], "upload_id"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_one_line(
    code: int, words: list[str], says: str, shell: Shell
) -> None:
    assert says in shell.fail(code, "presign", *words)


def test_without_credentials_or_region_the_exit_code_is_3(shell: Shell) -> None:
    words = ("presign", "get", "examplebucket", "k")
    shell.variables = {"OSS_REGION": "cn-hangzhou"}
    assert "OSS_ACCESS_KEY_ID" in shell.fail(3, *words)
    shell.variables = {**shell.variables, "OSS_ACCESS_KEY_ID": "id"}
    assert "OSS_ACCESS_KEY_SECRET is not" in shell.fail(3, *words)
    shell.variables = {"OSS_ACCESS_KEY_SECRET": "s3cr3t", "OSS_REGION": "cn-hangzhou"}
    line = shell.fail(3, *words)
    assert "OSS_ACCESS_KEY_ID is not" in line and "s3cr3t" not in line
    shell.variables = KEYS
    assert "--region" in shell.fail(3, *words)


def test_the_variables_of_alibaba_cloud_s_other_tools_come_second(shell: Shell) -> None:
    others = {
        "ALIBABA_CLOUD_ACCESS_KEY_ID": "other-id",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "other-secret",
        "ALIBABA_CLOUD_SECURITY_TOKEN": "other-token",
    }
    words = ("presign", "get", "examplebucket", "k", *PLACE)
    shell.variables = others
    url = shell.succeed(*words)
    assert "credential=other-id%2F" in url and "security-token=other-token&" in url
    shell.variables = {**others, **HERE, "OSS_SESSION_TOKEN": "ours"}
    url = shell.succeed(*words)
    assert f"credential={standin.ID}%2F" in url and "security-token=ours&" in url


def test_nobody_reading_is_no_error(shell: Shell) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [*COMMAND, "presign", "put", "--help"],
        stdout=writing, stderr=subprocess.PIPE, env=shell.environment(), timeout=60, check=False,
    )  # fmt: skip
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


def test_a_full_disk_is_one_line(shell: Shell) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [*COMMAND, "presign", "get", "examplebucket", "k"],
            stdout=full, stderr=subprocess.PIPE, env=shell.environment(), text=True, timeout=60,
            check=False,
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (4, "ossign: No space left on device\n")


def test_a_closed_standard_output_is_one_line(shell: Shell) -> None:
    done = subprocess.run(
        ["bash", "-c", '"$@" >&-', "bash", *COMMAND, "presign", "get", "examplebucket", "k"],
        stderr=subprocess.PIPE, env=shell.environment(), text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (4, "ossign: standard output is closed\n")


@pytest.mark.parametrize("locale", ["C", "POSIX", "C.UTF-8"])
def test_the_locale_does_not_matter(locale: str, shell: Shell) -> None:
    out = shell.succeed(
        "presign", "put", "examplebucket", "数", "--meta", "a=数", "--curl", LC_ALL=locale
    )
    assert "'x-oss-meta-a: 数'" in out and "/%E6%95%B0?" in out


def test_a_person_is_told_which_headers_to_send(shell: Shell) -> None:
    import pty

    leader, follower = pty.openpty()
    words = ["presign", "put", "examplebucket", "k", "--content-type", "text/plain"]
    done = subprocess.run(
        [*COMMAND, *words], stdout=subprocess.PIPE, stderr=follower, env=shell.environment(),
        timeout=60, check=False,
    )  # fmt: skip
    os.close(follower)
    assert done.returncode == 0 and done.stdout.startswith(b"https://")
    assert os.read(leader, 1000) == b"send with it:\r\n  Content-Type: text/plain\r\n"
    os.close(leader)
