"""The emulator answers browsers that ask across origins."""

from __future__ import annotations

import ossign as oss
from ossign.testing import Emulator
from wire import Answer, ask

ORIGIN = "http://localhost:3000"


def url_of(emulator: Emulator) -> str:
    request = oss.PutObjectRequest(bucket="examplebucket", key="a")
    return emulator.client().presign(request).url


def preflight(emulator: Emulator, **headers: str) -> Answer:
    given = {"Origin": ORIGIN, "Access-Control-Request-Method": "PUT"}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    given = {name: value for name, value in given.items() if value}
    return ask(emulator.endpoint, "OPTIONS", url_of(emulator), given)


def test_any_page_may_ask_unless_the_emulator_is_told_otherwise(oss_emulator: Emulator) -> None:
    asked = "content-type,x-oss-meta-a"
    answer = preflight(oss_emulator, Access_Control_Request_Headers=asked)
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-allow-headers"] == asked
    assert "PUT" in answer.headers["access-control-allow-methods"]
    assert answer.headers["access-control-max-age"].isdigit()
    put = ask(oss_emulator.endpoint, "PUT", url_of(oss_emulator), {"Origin": ORIGIN}, b"x")
    assert put.headers["access-control-allow-origin"] == "*"
    exposed = put.headers["access-control-expose-headers"].lower().split(", ")
    assert {"etag", "x-oss-request-id", "x-oss-hash-crc64ecma"} <= {*exposed}
    assert put.headers["vary"] == "Origin"


def test_a_refusal_can_be_read_by_the_page_too(oss_emulator: Emulator) -> None:
    answer = ask(oss_emulator.endpoint, "GET", url_of(oss_emulator), {"Origin": ORIGIN})
    assert answer.status == 403
    assert answer.headers["access-control-allow-origin"] == "*"


def test_who_does_not_come_from_a_page_gets_no_cors_headers(oss_emulator: Emulator) -> None:
    answer = ask(oss_emulator.endpoint, "PUT", url_of(oss_emulator), {}, b"x")
    assert [name for name in answer.headers if name.startswith("access-control")] == []


def test_only_the_origins_that_are_allowed_may_ask() -> None:
    with Emulator(origins=[ORIGIN]) as emulator:
        assert preflight(emulator).headers["access-control-allow-origin"] == ORIGIN
        refused = preflight(emulator, Origin="http://evil.example")
        assert (refused.status, refused.code) == (403, "AccessForbidden")
        assert "access-control-allow-origin" not in refused.headers
        given = {"Origin": "http://evil.example"}
        put = ask(emulator.endpoint, "PUT", url_of(emulator), given, b"x")
        # As OSS: the request is done, and the browser does not show the answer to the page.
        assert put.status == 200
        assert "access-control-allow-origin" not in put.headers
    with Emulator(origins=[]) as emulator:
        assert preflight(emulator).status == 403


def test_a_preflight_says_what_it_wants(oss_emulator: Emulator) -> None:
    assert preflight(oss_emulator, Access_Control_Request_Method="PATCH").status == 403
    assert preflight(oss_emulator, Access_Control_Request_Method="").status == 400
    assert preflight(oss_emulator, Origin="").status == 400
