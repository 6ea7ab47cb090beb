"""`ossign explain` and `ossign verify`: they say what the library says, in a shell's terms."""

from __future__ import annotations

import datetime
import json
import os
import subprocess

import ossign as oss
import pytest
import standin
from shell import COMMAND, Shell

WHO = oss.Credentials(standin.ID, standin.SECRET)
CLIENT = oss.Client(oss.Config(region=standin.REGION, credentials_provider=WHO))


def presigned(minutes: int = 15, **fields: str) -> str:
    request = oss.PutObjectRequest(bucket="examplebucket", key="a b.txt", **fields)
    return CLIENT.presign(request, expires=datetime.timedelta(minutes=minutes)).url


JPEG = ("-X", "PUT", "-H", "Content-Type: image/jpeg")


def test_a_cause_is_found_and_the_exit_code_says_so(shell: Shell) -> None:
    done = shell.ossign("explain", presigned(), *JPEG, "--env")
    assert (done.code, done.err) == (1, "")
    assert "signed with no Content-Type; the client sent Content-Type 'image/jpeg'" in done.out
    assert "\x1b" not in done.out and standin.SECRET not in done.out


def test_the_report_is_that_of_the_library(shell: Shell) -> None:
    url, at = presigned(), "2090-01-01T00:00:00Z"
    done = shell.ossign("explain", url, *JPEG, "--env", "--json", "--at", at)
    now = datetime.datetime(2090, 1, 1, tzinfo=datetime.timezone.utc)
    report = oss.explain(
        url, method="PUT", headers=[("Content-Type", "image/jpeg")], credentials=WHO, now=now
    )
    assert json.loads(done.out) == report.to_dict()
    assert done.code == 1


def test_nothing_wrong_is_0(shell: Shell) -> None:
    done = shell.ossign("explain", presigned(), "-X", "PUT", "--no-headers", "--env")
    assert (done.code, done.err) == (0, "")


def test_without_env_no_credentials_are_read(shell: Shell) -> None:
    url = presigned()
    shell.variables = {}
    assert shell.ossign("explain", url, "-X", "PUT").code == 0
    assert "OSS_ACCESS_KEY_ID" in shell.fail(3, "explain", url, "--env")


def test_a_profile_is_searched_with(shell: Shell) -> None:
    text = f"[profile p]\naccessKeyID={standin.ID}\naccessKeySecret={standin.SECRET}\n"
    (shell.home / ".ossutilconfig").write_text(text)
    shell.variables = {}
    done = shell.ossign("explain", presigned(), *JPEG, "--profile", "p")
    assert "signed with no Content-Type" in done.out
    assert shell.succeed("verify", presigned(), "-X", "PUT", "--profile", "p").startswith("accept")


def test_a_url_that_is_bound_to_addresses_needs_the_senders(shell: Shell) -> None:
    request = oss.GetObjectRequest(bucket="examplebucket", key="a b.txt")
    url = CLIENT.presign(request, source_ip="192.0.2.0/24").url
    assert shell.succeed("verify", url, "--source-ip", "192.0.2.7").startswith("accepted\n")
    assert "address_not_allowed" in shell.fail(1, "verify", url, "--source-ip", "192.0.3.7")
    done = shell.ossign("explain", url, "--env", "--source-ip", "192.0.3.7")
    assert done.code == 1 and "address_not_allowed" in done.out
    assert "'office' is no IP address" in shell.fail(2, "verify", url, "--source-ip", "office")


def test_the_url_may_come_from_standard_input(shell: Shell) -> None:
    url = presigned()
    data = f"  {url}\r\n".encode()
    assert shell.ossign("explain", "-", "-X", "PUT", "--env", stdin=data).code == 0
    assert shell.succeed("verify", "-", "-X", "PUT", stdin=data).startswith("accepted\n")


def test_a_url_cut_by_the_shell_is_noticed(shell: Shell) -> None:
    cut = presigned().partition("&")[0]
    done = shell.ossign("explain", cut)
    assert done.code == 1
    assert "A shell cuts an unquoted URL at '&'" in done.err
    whole = shell.ossign("explain", presigned())
    assert whole.err == ""


def test_the_error_of_the_server_is_read(shell: Shell) -> None:
    with standin.running() as store:
        xml = "<Error><Code>SignatureDoesNotMatch</Code><Message>m</Message><EC>0002-1</EC></Error>"
        (shell.home / "error.xml").write_text(xml)
        url = presigned().replace("examplebucket.oss-cn-hangzhou.aliyuncs.com", store.host)
    from_file = shell.ossign("explain", url, "--error", "error.xml", "--json")
    from_pipe = shell.ossign("explain", url, "--error", "-", "--json", stdin=xml.encode())
    assert json.loads(from_file.out)["server"]["code"] == "SignatureDoesNotMatch"
    assert json.loads(from_pipe.out)["server"]["ec"] == "0002-1"


def test_a_terminal_gets_colours_unless_it_wants_none(shell: Shell) -> None:
    import pty

    def shown(**variables: str) -> str:
        leader, follower = pty.openpty()
        subprocess.run(
            [*COMMAND, "explain", presigned(), *JPEG, "--env"], stdout=follower, cwd=shell.home,
            env={**shell.environment(), "TERM": "xterm", **variables}, timeout=60, check=False,
        )  # fmt: skip
        os.close(follower)
        text = os.read(leader, 100_000).decode()
        os.close(leader)
        return text

    assert "\x1b[" in shown()
    assert "\x1b[" not in shown(NO_COLOR="1")
    assert "\x1b[" not in shown(TERM="dumb")


def test_what_a_url_holds_does_not_steer_the_terminal(shell: Shell) -> None:
    url = presigned() + "&x=%1b%5d0;title%07&\x1b]0;title\x07=1"
    for words in (["explain", url], ["explain", url, "--json"], ["verify", url]):
        done = shell.ossign(*words)
        assert "\x1b" not in done.out + done.err and "\x07" not in done.out + done.err


def test_verify_prints_what_the_url_says(shell: Shell) -> None:
    url = presigned(content_type="text/plain")
    headers = ("-X", "put", "-H", "Content-Type: text/plain")
    shown = shell.succeed("verify", url, *headers)
    assert shown.startswith("accepted\n  method ")
    assert "\n  key             a b.txt\n" in shown
    assert "\n  signed headers  content-type\n" in shown
    assert "parameters" not in shown
    facts = json.loads(shell.succeed("verify", url, *headers, "--json"))
    assert (facts["bucket"], facts["key"], facts["version"]) == ("examplebucket", "a b.txt", "v4")
    assert facts["signed_headers"] == ["content-type"]


def test_verify_refuses_in_one_line(shell: Shell) -> None:
    url = presigned()
    assert "signature_mismatch" in shell.fail(1, "verify", url)
    assert "expired" in shell.fail(1, "verify", url, "-X", "PUT", "--at", "2090-01-01T00:00:00Z")
    line = shell.fail(1, "verify", url[:-1] + ("0" if url[-1] != "0" else "1"), "-X", "PUT")
    assert standin.SECRET not in line and url[-64:] not in line


@pytest.mark.parametrize("command", ["explain", "verify"])
@pytest.mark.parametrize(
    ("code", "words", "says"),
    [
        (2, [], "URL"),
        (2, [""], "empty"),
        (2, ["-"], "empty"),
        (2, ["example.com/a?b"], "no URL"),
        (2, ["https://h/k", "more"], "'more'"),
        (2, ["https://h/k", "-X", "P T"], "no HTTP method"),
        (2, ["https://h/k", "-X", ""], "no HTTP method"),
        (2, ["https://h/k", "-H", "x"], "'Name: value'"),
        (2, ["https://h/k", "-H", "a: b", "--no-headers"], "not allowed with"),
        (2, ["https://h/k", "--at", "yesterday"], "no time"),
        (3, ["https://h/k", "--profile", "missing"], "'missing'"),
        (3, ["https://h/k", "--config-file", "missing"], "No such file"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    command: str, code: int, words: list[str], says: str, shell: Shell
) -> None:
    assert says in shell.fail(code, command, *words)


def test_errors_about_the_error(shell: Shell) -> None:
    assert "No such file" in shell.fail(4, "explain", "https://h/k", "--error", "missing")
    assert "both" in shell.fail(2, "explain", "-", "--error", "-")
    assert "too large" in shell.fail(2, "explain", "https://h/k", "--error", "/dev/zero")
