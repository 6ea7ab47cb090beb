"""The real package alibabacloud-credentials, against a metadata service of ours.

Its requests to 100.100.100.200 go through the proxy that its settings name: the stand-in below.
"""

from __future__ import annotations

import asyncio
import datetime
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import ossign as oss
import pytest
import time_machine
from alibabacloud_credentials.client import Client as CredentialsClient
from alibabacloud_credentials.http import HttpOptions
from alibabacloud_credentials.models import Config as CredentialsConfig
from alibabacloud_credentials.provider import EcsRamRoleCredentialsProvider, ecs_ram_role
from apscheduler.schedulers.background import BackgroundScheduler
from sides import NOW, SECRET, TOKEN, at, client, get, query

E = oss.exceptions
ROLE = "role-of-this-machine"
BASE = "/latest/meta-data/ram/security-credentials/"
HOUR = datetime.timedelta(hours=1)


class Metadata(ThreadingHTTPServer):
    """The metadata service of a machine: a role, whose credentials last an hour."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.given = 0
        self.down = False
        self.hosts: set[str] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def credentials(self) -> dict[str, str]:
        self.given += 1
        end = datetime.datetime.now(datetime.timezone.utc) + HOUR
        return {
            "Code": "Success",
            "AccessKeyId": f"STS.id{self.given}",
            "AccessKeySecret": SECRET,
            "SecurityToken": TOKEN,
            "Expiration": end.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }


class Handler(BaseHTTPRequestHandler):
    server: Metadata

    def do_PUT(self) -> None:
        self.answer(200 if self.place() == "/latest/api/token" else 404, b"imds-token")

    def do_GET(self) -> None:
        place = self.place()
        if self.server.down:
            self.answer(500, b"")
        elif place == "/credentials":
            self.answer(200, json.dumps(self.server.credentials()).encode())
        elif self.headers.get("X-aliyun-ecs-metadata-token") != "imds-token":
            self.answer(403, b"")
        elif place == BASE:
            self.answer(200, ROLE.encode())
        elif place == BASE + ROLE:
            self.answer(200, json.dumps(self.server.credentials()).encode())
        else:
            self.answer(404, b"")

    def place(self) -> str:
        # A proxy is asked for the whole URL.
        url = urlsplit(self.path)
        self.server.hosts.add(url.hostname or self.headers["Host"])
        return url.path

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class Scheduler(BackgroundScheduler):
    """That of the package; it may be stopped again."""

    def shutdown(self, wait: bool = True) -> None:
        if self.running:
            super().shutdown(wait)


@pytest.fixture(autouse=True)
def _no_thread_asks_on_after_a_test(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    started: list[Scheduler] = []

    def scheduler() -> Scheduler:
        started.append(Scheduler())
        return started[-1]

    monkeypatch.setattr(ecs_ram_role, "BackgroundScheduler", scheduler)
    yield
    for one in started:
        one.shutdown()


@pytest.fixture
def metadata() -> Iterator[Metadata]:
    with Metadata() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def clock() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def role(metadata: Metadata, name: str | None = ROLE) -> EcsRamRoleCredentialsProvider:
    """The provider of the package, without its thread that looks at the clock."""
    return EcsRamRoleCredentialsProvider(
        role_name=name,
        http_options=HttpOptions(proxy=metadata.url),
        async_update_enabled=False,
    )


def key_id(url: str) -> str:
    found = query(url)
    return found.get("OSSAccessKeyId") or found["x-oss-credential"].partition("/")[0]


@pytest.mark.parametrize("version", ["v4", "v1"])
@pytest.mark.parametrize("kind", ["client", "settings", "provider"])
def test_a_role_of_a_machine_signs_with_its_end(
    kind: str, version: str, metadata: Metadata, clock: time_machine.Coordinates
) -> None:
    settings = CredentialsConfig(type="ecs_ram_role", role_name=ROLE, proxy=metadata.url)
    source: Any = {
        "client": lambda: CredentialsClient(provider=role(metadata)),
        "settings": lambda: CredentialsClient(settings),
        "provider": lambda: role(metadata),
    }[kind]()
    made = client(credentials_provider=source, signature_version=version)
    result = made.presign(get(), expires=datetime.timedelta(hours=2))
    assert metadata.hosts == {"100.100.100.200"}
    known = oss.Credentials("STS.id1", SECRET, TOKEN, NOW + HOUR)
    expected = client(credentials_provider=known, signature_version=version)
    assert result == expected.presign(get(), expires=datetime.timedelta(hours=2))
    assert result.effective_expiration == NOW + HOUR


def test_the_name_of_the_role_may_be_the_machines_to_say(
    metadata: Metadata, clock: time_machine.Coordinates
) -> None:
    made = client(credentials_provider=CredentialsClient(provider=role(metadata, None)))
    assert key_id(made.presign(get()).url) == "STS.id1"


def test_its_rotation_is_seen(metadata: Metadata, clock: time_machine.Coordinates) -> None:
    made = client(credentials_provider=CredentialsClient(provider=role(metadata)))
    assert [key_id(made.presign(get()).url) for _ in range(3)] == ["STS.id1"] * 3
    clock.shift(44 * 60)
    assert made.presign(get(), expires=HOUR).effective_expiration == NOW + HOUR
    clock.shift(60)
    result = made.presign(get(), expires=2 * HOUR)
    assert key_id(result.url) == "STS.id2"
    assert result.effective_expiration == at(45 * 60) + HOUR


def test_what_it_kept_beyond_the_end_is_not_signed_with(
    metadata: Metadata, clock: time_machine.Coordinates
) -> None:
    made = client(credentials_provider=CredentialsClient(provider=role(metadata)))
    made.presign(get())
    metadata.down = True
    clock.shift(59 * 60)
    assert key_id(made.presign(get()).url) == "STS.id1"
    clock.shift(60)
    with pytest.raises(E.OperationError) as raised:
        made.presign(get())
    assert isinstance(raised.value.unwrap(), E.CredentialsExpiredError)


def test_a_machine_without_a_role_is_the_error_of_a_provider(
    metadata: Metadata, clock: time_machine.Coordinates
) -> None:
    metadata.down = True
    with pytest.raises(E.OperationError, match="RAM session credentials") as raised:
        client(credentials_provider=CredentialsClient(provider=role(metadata))).presign(get())
    assert isinstance(raised.value.unwrap(), E.CredentialsFetchError)


@pytest.mark.parametrize("policy", ["clamp", "error", "refresh", "keep"])
def test_the_policies_know_its_end(
    policy: str, metadata: Metadata, clock: time_machine.Coordinates
) -> None:
    made = client(
        credentials_provider=CredentialsClient(provider=role(metadata)),
        on_short_credentials=policy,
    )
    if policy == "error":
        with pytest.raises(E.OperationError, match="before the URL"):
            made.presign(get(), expires=2 * HOUR)
        return
    result = made.presign(get(), expires=2 * HOUR)
    assert result.effective_expiration == NOW + HOUR
    assert result.expiration == NOW + (HOUR if policy == "clamp" else 2 * HOUR)
    # The package keeps what it has until a quarter of an hour before its end.
    assert metadata.given == 1


def test_presign_async_asks_it_without_blocking(
    metadata: Metadata, clock: time_machine.Coordinates
) -> None:
    made = client(credentials_provider=CredentialsClient(provider=role(metadata)))
    result = asyncio.run(made.presign_async(get(), expires=2 * HOUR))
    assert key_id(result.url) == "STS.id1" and result.effective_expiration == NOW + HOUR


def test_credentials_of_a_uri_have_their_end(
    metadata: Metadata, clock: time_machine.Coordinates
) -> None:
    settings = CredentialsConfig(
        type="credentials_uri", credentials_uri=f"{metadata.url}/credentials"
    )
    made = client(credentials_provider=CredentialsClient(settings))
    assert made.presign(get(), expires=2 * HOUR).effective_expiration == NOW + HOUR


PROGRAM = """
import json, ossign as oss
from alibabacloud_credentials.client import Client
config = oss.Config(region="cn-hangzhou", credentials_provider=Client())
made = oss.Client(config, on_short_credentials="clamp")
import datetime
for _ in range(2):
    result = made.presign(
        oss.GetObjectRequest(bucket="bucket", key="k"), expires=datetime.timedelta(hours=12))
left = result.expiration - datetime.datetime.now(datetime.timezone.utc)
print(json.dumps([result.url, left.total_seconds()]))
"""


def run(home: Path, **environment: str) -> tuple[str, float]:
    """What a program presigns whose client has the package's default chain."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.upper().startswith(("ALIBABA_CLOUD", "OSS_", "HTTP", "NO_PROXY", "HOME"))
    }
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**inherited, "HOME": str(home), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    url, left = json.loads(done.stdout)
    return url, left


def test_the_default_chain_knows_the_end_of_whoever_answered(
    metadata: Metadata, tmp_path: Path
) -> None:
    url, left = run(tmp_path, HTTP_PROXY=metadata.url)
    assert key_id(url) == "STS.id1" and 3500 < left <= 3600
    assert metadata.given == 1


@pytest.mark.parametrize(
    "file", [".aliyun/config.json", ".alibabacloud/credentials.ini"], ids=["cli", "ini"]
)
def test_a_profile_of_a_role_knows_the_end(file: str, metadata: Metadata, tmp_path: Path) -> None:
    profile = {"name": "default", "mode": "EcsRamRole", "ram_role_name": ROLE}
    texts = {
        ".aliyun/config.json": json.dumps({"current": "default", "profiles": [profile]}),
        ".alibabacloud/credentials.ini": f"[default]\ntype = ecs_ram_role\nrole_name = {ROLE}\n",
    }
    (tmp_path / file).parent.mkdir()
    (tmp_path / file).write_text(texts[file])
    # No other provider of the chain may answer in its place.
    url, left = run(tmp_path, HTTP_PROXY=metadata.url, ALIBABA_CLOUD_ECS_METADATA="another-role")
    assert key_id(url) == "STS.id1" and 3500 < left <= 3600


def test_static_keys_of_the_chain_never_end(tmp_path: Path) -> None:
    url, left = run(
        tmp_path,
        ALIBABA_CLOUD_ACCESS_KEY_ID="chain-id",
        ALIBABA_CLOUD_ACCESS_KEY_SECRET=SECRET,
    )
    assert key_id(url) == "chain-id" and left > 43_000


@pytest.mark.parametrize("kind", ["access_key", "sts"])
def test_what_is_known_beforehand_signs(kind: str, clock: time_machine.Coordinates) -> None:
    token = TOKEN if kind == "sts" else None
    settings = CredentialsConfig(
        type=kind, access_key_id="id", access_key_secret=SECRET, security_token=token
    )
    made = client(credentials_provider=CredentialsClient(settings))
    known = client(credentials_provider=oss.Credentials("id", SECRET, token))
    assert made.presign(get()) == known.presign(get())
