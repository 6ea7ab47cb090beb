"""Who may use whom in Rust: arrows only go down, and some crates are named in one place only."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

SRC = Path(__file__).parents[2] / "src"
# Each pure file, and the ones that it may use.
MAY_USE = {
    "error": set(),
    "clock": set(),
    "encode": set(),
    "crypto": {"encode"},
    "credentials": set(),
    "operation": {"error"},
    "request": {"encode", "error"},
    "endpoint": {"error"},
    "query": {"encode", "request"},
    "lanes": {"crypto", "encode"},
    "v4": {"clock", "credentials", "crypto", "encode", "lanes", "query", "request"},
    "v1": {"credentials", "crypto", "encode", "query", "request", "v4"},
    "restriction": {"error", "request"},
    "presign": {"clock", "encode", "endpoint", "error", "request"},
    "lifetime": {"clock", "presign"},
    "session": {
        "clock",
        "credentials",
        "endpoint",
        "error",
        "presign",
        "request",
        "v1",
        "v4",
    },
    "batch": {
        "crypto",
        "encode",
        "error",
        "lanes",
        "operation",
        "presign",
        "request",
        "session",
        "v4",
    },
    "disposition": {"encode", "error"},
    "multipart": {"error"},
    "form": {
        "clock",
        "credentials",
        "crypto",
        "encode",
        "endpoint",
        "error",
        "presign",
        "request",
        "v1",
        "v4",
    },
    "callback": {"crypto", "encode", "error"},
    "explain": {
        "clock",
        "credentials",
        "crypto",
        "encode",
        "endpoint",
        "presign",
        "restriction",
        "v1",
        "v4",
    },
    "rehost": {"endpoint", "error", "explain", "presign"},
    "api": {
        "callback",
        "clock",
        "credentials",
        "crypto",
        "encode",
        "endpoint",
        "error",
        "form",
        "lifetime",
        "multipart",
        "presign",
        "request",
        "session",
    },
    "server": {
        "api",
        "callback",
        "clock",
        "credentials",
        "crypto",
        "encode",
        "endpoint",
        "error",
        "explain",
        "form",
        "presign",
        "session",
        "v1",
    },
    "lib": {"python", "server"},
}
# A crate, and the only places that may name it.
ONLY_IN = {
    "arrow_array": "python/batch/",
    "arrow_buffer": "python/batch/",
    "arrow_schema": "python/batch/",
    "bytes": "python/batch/table.rs server/",
    "pyo3_arrow": "python/batch/",
    "pyo3": "python/",
    "axum": "server/",
    "hyper": "server/",
    "hyper_util": "server/",
    "tokio": "server/",
    "tracing": "server/",
    "roxmltree": "python/xml.rs explain/answer.rs server/",
    "sha2": "crypto.rs",
    "sha1": "crypto.rs",
    "hmac": "crypto.rs",
    "chrono": "clock.rs python/instant.rs",
    "percent_encoding": "encode.rs",
    "memmap2": "batch/buffer.rs",
    "base64": "v1.rs explain/answer.rs form callback server/emulator/",
    "serde_json": "form callback api/ python/ server/",
    "rsa": "callback/key.rs",
    "md5": "callback/key.rs server/emulator/digest.rs server/emulator/callback.rs",
    "governor": "api/rate.rs",
    "subtle": "api/keys.rs",
}
FILES = {path.relative_to(SRC).as_posix(): path for path in sorted(SRC.rglob("*.rs"))}


def code(path: Path) -> str:
    """The code of a file, without comments and without its unit tests."""
    text = path.read_text("utf-8").partition("#[cfg(test)]\nmod tests")[0]
    return re.sub(r"//.*", "", text)


def used(text: str) -> set[str]:
    """The modules of this crate that a text names, in paths and in braces."""
    single = re.findall(r"crate::(\w+)", text)
    braces = re.findall(r"crate::\{([^;]*)\}", text)
    nested = [re.sub(r"::\{[^}]*\}", "", inner) for inner in braces]
    listed = [part.strip().partition("::")[0] for inner in nested for part in inner.split(",")]
    return {name for name in (*single, *listed) if name}


def module_of(name: str) -> str:
    """The module that a file is, or that its folder is."""
    return name.partition("/")[0].removesuffix(".rs")


@pytest.mark.parametrize("name", [n for n in FILES if module_of(n) != "python"])
def test_a_pure_file_uses_only_what_lies_below_it(name: str) -> None:
    module = module_of(name)
    assert module in MAY_USE, f"say in MAY_USE what {name} may use"
    modules = {module_of(n) for n in FILES}
    assert used(code(FILES[name])) & modules <= MAY_USE[module] | {module}


def test_no_arrow_goes_round() -> None:
    seen: set[str] = set()
    for name, below in MAY_USE.items():
        if name != "lib":
            order = list(MAY_USE)
            assert all(order.index(other) < order.index(name) for other in below), name
            seen |= below
    assert not seen & {"python", "server"}


@pytest.mark.parametrize("crate", ONLY_IN)
def test_a_crate_is_named_only_where_it_belongs(crate: str) -> None:
    places = ONLY_IN[crate].split()
    for name, path in FILES.items():
        if re.search(rf"\b{crate}::", code(path)):
            assert any(name == place or name.startswith(place) for place in places), name


def test_unsafe_code_is_in_the_hash_kernel_only() -> None:
    unsafe = [name for name, path in FILES.items() if re.search(r"\bunsafe\b", code(path))]
    assert all(name.startswith("lanes") for name in unsafe), unsafe


def test_nothing_pure_reads_a_clock_a_file_or_the_environment() -> None:
    forbidden = re.compile(r"SystemTime|Instant::now|Utc::now|std::(env|fs|net::Tcp|process)")
    for name, path in FILES.items():
        # Servers live in time; and who waits for signals must know for how long.
        timed = name.startswith("server/") or name == "python/batch/watch.rs"
        assert timed or not forbidden.search(code(path)), name
