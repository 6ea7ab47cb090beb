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
    "request": {"error"},
    "endpoint": {"error"},
    "query": {"encode", "request"},
    "lanes": {"crypto", "encode"},
    "v4": {"clock", "credentials", "crypto", "encode", "lanes", "query", "request"},
    "v1": {"credentials", "crypto", "encode", "query", "request", "v4"},
    "presign": {"clock", "encode", "endpoint", "error", "request"},
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
    "batch": {"error", "lanes", "operation", "presign", "request", "session"},
    "lib": {"python"},
}
# A crate, and the only places that may name it.
ONLY_IN = {
    "arrow_array": "python/batch/",
    "arrow_buffer": "python/batch/",
    "arrow_schema": "python/batch/",
    "bytes": "python/batch/urls.rs",
    "pyo3_arrow": "python/batch/",
    "pyo3": "python/",
    "roxmltree": "python/xml.rs",
    "sha2": "crypto.rs",
    "sha1": "crypto.rs",
    "hmac": "crypto.rs",
    "chrono": "clock.rs python/instant.rs",
    "percent_encoding": "encode.rs",
    "base64": "v1.rs",
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


@pytest.mark.parametrize("name", [n for n in FILES if "/" not in n])
def test_a_pure_file_uses_only_what_lies_below_it(name: str) -> None:
    stem = name.removesuffix(".rs")
    assert stem in MAY_USE, f"say in MAY_USE what {name} may use"
    modules = {n.removesuffix(".rs") for n in FILES if "/" not in n} | {"python"}
    assert used(code(FILES[name])) & modules <= MAY_USE[stem]


def test_no_arrow_goes_round() -> None:
    seen: set[str] = set()
    for name, below in MAY_USE.items():
        if name != "lib":
            order = list(MAY_USE)
            assert all(order.index(other) < order.index(name) for other in below), name
            seen |= below
    assert "python" not in seen


@pytest.mark.parametrize("crate", ONLY_IN)
def test_a_crate_is_named_only_where_it_belongs(crate: str) -> None:
    places = ONLY_IN[crate].split()
    for name, path in FILES.items():
        if re.search(rf"\b{crate}::", code(path)):
            assert any(name == place or name.startswith(place) for place in places), name


def test_unsafe_code_is_nowhere() -> None:
    assert [name for name, path in FILES.items() if re.search(r"\bunsafe\b", code(path))] == []


def test_nothing_pure_reads_a_clock_a_file_or_the_environment() -> None:
    forbidden = re.compile(r"SystemTime|Instant::now|Utc::now|std::(env|fs|net::Tcp|process)")
    for name, path in FILES.items():
        # Who waits for signals must know for how long.
        assert name == "python/batch/watch.rs" or not forbidden.search(code(path)), name
