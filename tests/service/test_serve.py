"""What only the server has: settings, keys and credentials that change, logs, metrics, clients."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import ossign as oss
import pytest
from faces import (
    BATCH,
    BUCKET,
    KEY,
    MULTIPART,
    ONE,
    PHOTO,
    SECRET,
    TOKEN,
    Face,
    digest,
    of_server,
    server,
    toml,
)
from ossign._ossign import PresignServer

PROGRAM = """
import os, sys
from ossign._ossign import PresignServer
server = PresignServer(dict(os.environ), sys.argv[1] or None, signals=True)
print(server.url, flush=True)
server.wait()
"""
WHOLE = {
    "OSSIGN_BUCKET": BUCKET,
    "OSSIGN_REGION": "cn-hangzhou",
    "OSSIGN_API_KEYS": f"web:{digest(KEY)}",
    "OSSIGN_PORT": "0",
    "OSSIGN_LOG": "json",
    "OSS_ACCESS_KEY_ID": "sample-id",
    "OSS_ACCESS_KEY_SECRET": SECRET,
    "OSS_SESSION_TOKEN": TOKEN,
}


def until(holds: Callable[[], bool]) -> None:
    """Wait for something that happens in another thread or process, for 20 s at most."""
    end = time.monotonic() + 20
    waiting = threading.Event()
    while not holds():
        assert time.monotonic() < end, "it did not happen"
        waiting.wait(0.01)


@dataclass
class Process:
    """A server in a process of its own, with the lines that it logs."""

    popen: subprocess.Popen[str]
    url: str
    lines: list[str] = field(default_factory=list)

    @property
    def face(self) -> Face:
        return of_server(self)  # type: ignore[arg-type]

    @property
    def log(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in [*self.lines]]

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.popen.send_signal(number)
        return self.popen.wait(30)


@contextmanager
def process(environment: dict[str, str], file: Path | None = None) -> Iterator[Process]:
    popen = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(file or "")],
        env={"PATH": os.environ["PATH"], **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert popen.stdout is not None and popen.stderr is not None
    made = Process(popen, "")
    reader = threading.Thread(target=lambda: made.lines.extend(popen.stderr))
    reader.start()
    try:
        made.url = popen.stdout.readline().strip()
        assert made.url, made.lines
        yield made
    finally:
        popen.kill()
        popen.wait()
        reader.join()
        popen.stdout.close()
        popen.stderr.close()


def refusal(environment: dict[str, str], **options: Any) -> str:
    """Why a server does not start."""
    with pytest.raises(ValueError) as caught:
        PresignServer(environment, **options)
    return str(caught.value)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("OSSIGN_BUCKET", ""),
        ("OSSIGN_BUCKET", "BAD_Bucket"),
        ("OSSIGN_BUCKET", "a.b"),
        ("OSSIGN_BUCKET", "ab"),
        ("OSSIGN_HOST", "not a host"),
        ("OSSIGN_REGION", ""),
        ("OSSIGN_REGION", "oss-cn-hangzhou"),
        ("OSSIGN_API_KEYS", ""),
        ("OSSIGN_API_KEYS", "web:not-a-digest"),
        ("OSSIGN_API_KEYS", "[1]"),
        ("OSSIGN_PORT", "65536"),
        ("OSSIGN_PORT", "eighty"),
        ("OSSIGN_THREADS", "1025"),
        ("OSSIGN_THREADS", "-1"),
        ("OSSIGN_MAX_CONNECTIONS", "9000000000000000000"),
        ("OSSIGN_LOG", "loud"),
        ("OSSIGN_ENDPOINT", "https://"),
        ("OSSIGN_ENDPOINT", "ftp://x"),
        ("OSSIGN_ENDPOINT", "https://x:99999"),
        ("OSSIGN_ENDPOINT", "not a host"),
        ("OSSIGN_ADDRESS_STYLE", "none"),
        ("OSSIGN_NETWORK", "none"),
        ("OSSIGN_SIGNATURE_VERSION", "v2"),
        ("OSSIGN_ACCESS_URL", "cdn.example.com"),
        ("OSSIGN_ACCESS_URL", "https://x:99999"),
        ("OSSIGN_CALLBACK", "{ url = 'ftp://x', body = '${object}' }"),
        ("OSSIGN_CORS_ORIGINS", "foo"),
        ("OSSIGN_CORS_ORIGINS", "https://a.example.com,https://b.example.com/"),
        ("OSSIGN_CORS_ORIGINS", "https://a.example.com:99999"),
        ("OSSIGN_CORS_ORIGINS", "https://a.example.com:443"),
        ("OSSIGN_CORS_ORIGINS", "https://A.example.com"),
        ("OSSIGN_OBJECT_KEY", "{filename}"),
        ("OSSIGN_MAX_BYTES", "{ zip = 5 }"),
        ("OSSIGN_RATE_LIMIT", "{ requests = 0, seconds = 1 }"),
        ("OSSIGN_RATE_LIMIT", "often"),
        ("OSSIGN_MULTIPART", "5"),
        ("OSSIGN_MULTIPART", "yes"),
        ("OSSIGN_BODY_SECONDS", "0"),
        ("OSSIGN_MAX_HEAD_BYTES", "1"),
        ("OSSIGN_MAX_CONNECTIONS", "0"),
        ("OSSIGN_CREDENTIALS_FILE", "/nowhere/at/all"),
        ("OSS_ACCESS_KEY_ID", ""),
        ("OSS_ACCESS_KEY_SECRET", ""),
    ],
)
def test_a_wrong_setting_is_named_at_the_start(variable: str, value: str) -> None:
    words = refusal({**WHOLE, variable: value})
    assert words.startswith(variable)
    assert SECRET not in words and "not-a-digest" not in words


@pytest.mark.parametrize("missing", ["OSSIGN_BUCKET", "OSSIGN_REGION", "OSSIGN_API_KEYS"])
def test_a_missing_setting_is_named_at_the_start(missing: str) -> None:
    assert refusal({n: v for n, v in WHOLE.items() if n != missing}).startswith(missing)


@pytest.mark.parametrize("wanted", ["*", "null", "http://localhost:3000", "capacitor://localhost"])
def test_whatever_browsers_send_as_an_origin_may_be_given(wanted: str) -> None:
    with server(cors_origins=[wanted]) as running:
        origin = "https://any.example.com" if wanted == "*" else wanted
        reply = of_server(running).ask(ONE, PHOTO, Origin=origin)
        assert reply.headers["access-control-allow-origin"] == wanted


def test_the_path_of_a_setting_in_a_file_stands_before_the_file(tmp_path: Path) -> None:
    file = tmp_path / "ossign.toml"
    for settings, path in [
        ({"api_keys": [{"key": "hush"}]}, "api_keys[0].key"),
        ({"api_keys": [{"name": "a/b", "sha256": digest(KEY)}]}, "api_keys.name"),
        ({"callback": {"url": "ftp://x", "body": "${object}"}}, "callback.url"),
    ]:
        file.write_text(toml(**settings))
        environment = {name: value for name, value in WHOLE.items() if name != "OSSIGN_API_KEYS"}
        keys = {} if "api_keys" in settings else {"OSSIGN_API_KEYS": WHOLE["OSSIGN_API_KEYS"]}
        words = refusal({**environment, **keys}, file=file)
        assert words.startswith(f"{path} in {file}: ") and "hush" not in words


def test_a_wrong_file_is_named_and_its_lines_are_not_shown(tmp_path: Path) -> None:
    file = tmp_path / "ossign.toml"
    file.write_text('bucket = "b"\nhush = hush\n')
    words = refusal(WHOLE, file=file)
    assert str(file) in words and "line 2" in words and "hush" not in words
    file.write_text('port = "hush"\n')
    words = refusal({n: v for n, v in WHOLE.items() if n != "OSSIGN_PORT"}, file=file)
    assert words.startswith("port in ") and "hush" not in words
    file.write_text("prot = 1\n")
    assert refusal(WHOLE, file=file).startswith("prot in ")
    assert str(tmp_path) in refusal(WHOLE, file=tmp_path / "none.toml")


def test_the_environment_overrides_the_file(tmp_path: Path) -> None:
    file = tmp_path / "ossign.toml"
    file.write_text(toml(bucket="fromfile", region="cn-beijing", access_url="presigned"))
    with process({**WHOLE, "OSS_REGION": "cn-shanghai"}, file) as running:
        data = running.face.one().json["data"]
    assert data["upload_url"].startswith("https://examplebucket.oss-cn-hangzhou.aliyuncs.com/")
    assert "access_expire_at" in data


def test_a_port_that_is_taken_is_named() -> None:
    with server() as running:
        port = running.url.rpartition(":")[2]
        words = refusal({**WHOLE, "OSSIGN_PORT": port})
        assert words.startswith(f"OSSIGN_PORT: cannot listen on 127.0.0.1 port {port}: ")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps to RLIMIT_AS")
def test_more_threads_than_the_system_has_are_named() -> None:
    import resource

    def few() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (1_500_000_000, 1_500_000_000))

    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, ""],
        env={"PATH": os.environ["PATH"], **WHOLE, "OSSIGN_THREADS": "1000"},
        preexec_fn=few,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "ValueError: OSSIGN_THREADS: cannot start 1000 threads: " in done.stderr


def test_api_keys_are_rotated_without_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "ossign.toml"
    settings = {"bucket": BUCKET, "region": "cn-hangzhou", "port": 0, "log": "off"}

    def write(reload_seconds: float, *keys: str) -> None:
        named = [{"name": f"k{at}", "sha256": digest(key)} for at, key in enumerate(keys)]
        file.write_text(toml(**settings, reload_seconds=reload_seconds, api_keys=named))

    write(0.01, "old")
    with server(file=file) as running:
        face = of_server(running)
        assert face.ask(ONE, PHOTO, key="old").status == 200
        write(0.01, "old", "new")
        until(lambda: face.ask(ONE, PHOTO, key="new").status == 200)
        assert face.ask(ONE, PHOTO, key="old").status == 200
        write(0.01, "new")
        until(lambda: face.ask(ONE, PHOTO, key="old").status == 401)
        file.write_text("not TOML at all")
        assert face.ask(ONE, PHOTO, key="new").status == 200


def test_uploads_in_parts_are_switched_on_without_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "ossign.toml"
    settings = {"bucket": BUCKET, "region": "cn-hangzhou", "port": 0, "log": "off"}
    keys = [{"name": "web", "sha256": digest(KEY)}]
    film = {"filename": "a.mp4", "content_type": "video/mp4", "size": 5}

    def write(multipart: bool) -> None:
        more = {"multipart": multipart, "reload_seconds": 0.01, "api_keys": keys}
        file.write_text(toml(**settings, **more))

    def page(face: Face) -> bytes:
        return face.ask("/", method="GET").body

    write(False)
    with server(file=file) as running:
        face = of_server(running)
        assert face.ask(MULTIPART, film).status == 404
        assert b'<meta name="multipart" content="false">' in page(face)
        write(True)
        until(lambda: face.ask(MULTIPART, film).status == 200)
        assert b'<meta name="multipart" content="true">' in page(face)


def test_a_hang_up_reloads_at_once(tmp_path: Path) -> None:
    file = tmp_path / "ossign.toml"
    keys = [{"name": "web", "sha256": digest("old")}]
    file.write_text(toml(reload_seconds=3600.0, api_keys=keys))
    environment = {name: value for name, value in WHOLE.items() if name != "OSSIGN_API_KEYS"}
    with process(environment, file) as running:
        file.write_text(toml(api_keys=[{"name": "web", "sha256": digest("new")}]))
        running.popen.send_signal(signal.SIGHUP)
        until(lambda: running.face.ask(ONE, PHOTO, key="new").status == 200)
        assert running.face.ask(ONE, PHOTO, key="old").status == 401


def test_a_rotated_token_is_seen_without_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "credentials.json"

    def write(token: str, end: str) -> None:
        fields = {"AccessKeyId": "STS.a", "AccessKeySecret": "b", "SecurityToken": token}
        other = file.with_suffix(".new")
        other.write_text(json.dumps({**fields, "Expiration": end}))
        other.rename(file)

    write("first", "2020-01-01T00:00:00Z")
    options = {"credentials_file": str(file), "credentials_refresh_seconds": 0.01}
    with server(credentials_provider=None, **options) as running:
        face = of_server(running)
        assert face.ask("/readyz", method="GET").status == 503
        assert face.one().json["code"] == 50003
        end = int(time.time()) + 600
        write("second", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(end)))
        until(lambda: face.ask("/readyz", method="GET").status == 200)
        data = face.one().json["data"]
        assert "x-oss-security-token=second&" in data["upload_url"]
        assert data["expire_at"] == end
        file.unlink()
        assert face.one().status == 200


def test_a_provider_in_python_is_asked_again_and_again() -> None:
    tokens = iter(range(10**9))

    def provider() -> oss.Credentials:
        return oss.Credentials("id", "secret", f"token{next(tokens)}")

    with server(credentials_provider=provider, credentials_refresh_seconds=0.01) as running:
        face = of_server(running)
        first = face.one().json["data"]["upload_url"]
        token = re.findall(r"token=(token\d+)&", first)[0]
        until(lambda: token not in face.one().json["data"]["upload_url"])


def test_a_provider_that_fails_at_the_start_keeps_the_server_from_starting() -> None:
    def broken() -> oss.Credentials:
        raise OSError(SECRET)

    with (
        pytest.raises(ValueError, match="credentials_provider") as caught,
        server(credentials_provider=broken),
    ):
        raise AssertionError("it started")
    assert SECRET not in str(caught.value)


def test_health_readiness_metrics_and_document_answer_get_only() -> None:
    with server() as running:
        face = of_server(running)
        for path in ("/healthz", "/readyz", "/metrics", "/openapi.json"):
            assert face.ask(path, method="GET", key=None).status == 200
            reply = face.ask(path, method="DELETE", key=None)
            assert (reply.status, reply.json["code"]) == (405, 40501)
            assert "GET" in reply.headers["allow"]


def test_metrics_may_be_switched_off() -> None:
    with server(metrics=False) as running:
        assert of_server(running).ask("/metrics", method="GET").json["code"] == 40401


def test_requests_urls_and_errors_are_counted() -> None:
    with server() as running:
        face = of_server(running)
        face.batch(PHOTO, PHOTO, {})
        face.one(filename="a.exe")
        face.ask("/api/oss/strange", PHOTO)
        text = face.ask("/metrics", method="GET").body.decode()
    assert 'ossign_urls_total{caller="web"} 2' in text
    assert 'ossign_errors_total{code="40005"} 1' in text
    route = 'route="/api/oss/presign-put/batch"'
    assert f'ossign_requests_total{{method="POST",{route},status="200"}} 1' in text
    assert "strange" not in text


def test_pages_of_the_given_origins_may_ask() -> None:
    with server(cors_origins=["https://app.example.com"]) as running:
        face = of_server(running)
        asked = {
            "Origin": "https://app.example.com",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "apikey,content-type",
        }
        reply = face.ask(ONE, method="OPTIONS", key=None, **asked)
        assert reply.status == 200
        assert reply.headers["access-control-allow-origin"] == "https://app.example.com"
        assert "apikey" in reply.headers["access-control-allow-headers"]
        for key in (KEY, "wrong"):
            reply = face.ask(ONE, PHOTO, key=key, Origin="https://app.example.com")
            assert reply.headers["access-control-allow-origin"] == "https://app.example.com"
        reply = face.ask(ONE, PHOTO, Origin="https://other.example.com")
        assert "access-control-allow-origin" not in reply.headers


def test_every_answer_has_an_id_which_the_log_repeats() -> None:
    with process(WHOLE) as running:
        reply = running.face.one()
        running.stop()
    lines = [line for line in running.log if line.get("request_id")]
    assert [line["request_id"] for line in lines] == [reply.headers["x-request-id"]]
    expected = {"method": "POST", "path": ONE, "status": 200, "code": 0, "urls": 1, "caller": "web"}
    assert expected.items() <= lines[0].items()


def test_no_secret_and_no_input_is_in_logs_metrics_and_errors(tmp_path: Path) -> None:
    mark = "hush-hush"
    with process(WHOLE) as running:
        face = running.face
        replies = [
            face.one(),
            face.batch(PHOTO),
            face.one(filename=f"{mark}.exe"),
            face.one(content_type=mark),
            face.ask(ONE, mark.encode()),
            face.ask(ONE, PHOTO, key=mark),
            face.ask(f"/{mark}?key={mark}", PHOTO),
            face.ask(ONE, PHOTO, method=mark.upper()),
            face.ask(ONE, b"x" * 10_000_000),
        ]
        metrics = face.ask("/metrics", method="GET").body.decode()
        url = replies[0].json["data"]["upload_url"]
        running.stop()
    log = "".join(running.lines)
    errors = "".join(reply.body.decode() for reply in replies if reply.status != 200)
    signature = re.findall(r"signature=([0-9a-f]{64})", url)[0]
    assert len(running.log) > len(replies)
    for text in (log, metrics, errors):
        for secret in (SECRET, TOKEN, KEY, digest(KEY), signature, mark, mark.upper()):
            assert secret not in text
    # Tokens stand in URLs, secrets nowhere.
    assert not any(SECRET.encode() in reply.body for reply in replies)


def connected(url: str) -> socket.socket:
    host, _, port = url.removeprefix("http://").partition(":")
    return socket.create_connection((host, int(port)), timeout=30)


def answered(connection: socket.socket) -> bytes:
    data = b""
    while chunk := connection.recv(65536):
        data += chunk
    return data


def test_a_body_that_takes_too_long_is_408() -> None:
    with server(body_seconds=0.05) as running, connected(running.url) as slow:
        head = f"POST {ONE} HTTP/1.1\r\nHost: h\r\nApikey: {KEY}\r\nContent-Length: 99\r\n\r\n{{"
        slow.sendall(head.encode())
        answer = answered(slow)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["code"] == 40801


def test_a_head_that_takes_too_long_is_let_go() -> None:
    with server(head_seconds=0.05) as running, connected(running.url) as slow:
        slow.sendall(b"POST /api")
        assert b"200" not in answered(slow)


def test_a_head_that_is_too_large_is_refused() -> None:
    with server(max_head_bytes=8192) as running, connected(running.url) as large:
        large.sendall(b"GET /healthz HTTP/1.1\r\nHost: h\r\nA: " + b"a" * 20_000 + b"\r\n\r\n")
        assert answered(large).startswith(b"HTTP/1.1 431 ")


def test_who_asks_for_leave_to_send_too_much_is_told_at_once() -> None:
    with server() as running, connected(running.url) as polite:
        head = f"POST {ONE} HTTP/1.1\r\nHost: h\r\nApikey: {KEY}\r\nExpect: 100-continue\r\n"
        polite.sendall(f"{head}Content-Length: 10000000\r\n\r\n".encode())
        assert polite.recv(12) == b"HTTP/1.1 413"


@pytest.mark.parametrize("declared", [99_999_999, 2000])
def test_a_body_that_is_said_to_be_too_large_is_413_and_never_408(declared: int) -> None:
    settings = {"body_seconds": 3600.0, "max_body_bytes": 1024}
    with server(**settings) as running, connected(running.url) as waiting:
        head = f"POST {ONE} HTTP/1.1\r\nHost: h\r\nApikey: {KEY}\r\n"
        waiting.sendall(f"{head}Content-Length: {declared}\r\n\r\n{{}}".encode())
        assert waiting.recv(12) == b"HTTP/1.1 413"


def test_a_body_in_chunks_that_is_too_large_is_413_before_it_ends() -> None:
    settings = {"body_seconds": 3600.0, "max_body_bytes": 1024}
    with server(**settings) as running, connected(running.url) as waiting:
        head = f"POST {ONE} HTTP/1.1\r\nHost: h\r\nApikey: {KEY}\r\n"
        chunk = b"5dc\r\n" + b"x" * 1500 + b"\r\n"
        waiting.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode() + chunk)
        assert waiting.recv(12) == b"HTTP/1.1 413"


def test_who_sends_all_of_a_body_that_is_too_large_gets_the_answer() -> None:
    with server(max_body_bytes=65536) as running:
        assert of_server(running).ask(ONE, b"x" * 16_000_000).json["code"] == 41301


def test_a_body_in_chunks_is_read_too() -> None:
    body = json.dumps(PHOTO).encode()
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:5], body[5:]))
    with server() as running, connected(running.url) as client:
        head = f"POST {ONE} HTTP/1.1\r\nHost: h\r\nApikey: {KEY}\r\nConnection: close\r\n"
        client.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode() + chunks + b"0\r\n\r\n")
        assert answered(client).startswith(b"HTTP/1.1 200 ")


def test_half_open_and_idle_connections_do_not_hinder_others() -> None:
    with server() as running, ExitStack() as stack:
        idle = [stack.enter_context(connected(running.url)) for _ in range(300)]
        for at, connection in enumerate(idle):
            if at % 3 == 0:
                connection.sendall(b"POST /api/oss/presign-put HTTP/1.1\r\nHost: h\r\n")
            elif at % 3 == 1:
                connection.shutdown(socket.SHUT_WR)
        assert of_server(running).one().status == 200


def test_more_connections_than_there_may_be_wait_their_turn() -> None:
    hello = b"GET /healthz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
    with (
        server(max_connections=1) as running,
        connected(running.url) as first,
        connected(running.url) as second,
    ):
        second.sendall(hello)
        first.close()
        assert answered(second).startswith(b"HTTP/1.1 200 ")


def test_every_accepted_request_is_answered_when_the_server_is_asked_to_stop() -> None:
    clients = 16
    body, failures, answers = json.dumps({"files": [PHOTO] * 20}), [], []
    # A connection that the system still has in its queue when the server stops is not accepted, so
    # each has been answered once before.
    all_accepted = threading.Barrier(clients + 1, timeout=20)

    def ask(connection: HTTPConnection) -> bool:
        """Whether the connection is kept."""
        connection.request("POST", BATCH, body, {"Apikey": KEY})
        response = connection.getresponse()
        answers.append(json.loads(response.read())["data"]["success"])
        return response.getheader("connection") != "close"

    def client(host: str) -> None:
        with closing(HTTPConnection(host, timeout=30)) as connection:
            try:
                is_kept = ask(connection)
                all_accepted.wait()
                while is_kept:
                    answered = time.monotonic()
                    try:
                        is_kept = ask(connection)
                    except ConnectionError:
                        # A connection that was idle for half a second is closed, and this machine
                        # may be so slow.
                        if time.monotonic() - answered < 0.4:
                            raise
                        is_kept = False
            except Exception as error:
                failures.append(error)

    with process({**WHOLE, "OSSIGN_LOG": "off"}) as running:
        host = running.url.removeprefix("http://")
        threads = [threading.Thread(target=client, args=(host,)) for _ in range(clients)]
        for thread in threads:
            thread.start()
        with suppress(threading.BrokenBarrierError):
            all_accepted.wait()
        assert failures == []
        assert running.stop() == 0
        for thread in threads:
            thread.join()
    assert failures == []
    assert set(answers) == {20} and len(answers) > clients


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_the_server_in_good_order(number: int) -> None:
    with process(WHOLE) as running:
        running.stop(number)
        until(lambda: any('"stopped"' in line for line in running.lines))
