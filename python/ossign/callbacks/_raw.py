"""Path and query of a request as they came, from what a web framework keeps of them."""

from __future__ import annotations

from urllib.parse import quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


def from_asgi(scope: Mapping[str, Any], prefix: str = "") -> str:
    """Of an ASGI scope; `prefix` is what a proxy has cut off the path."""
    # Some servers leave the raw path out, and some have the query in it.
    raw: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
    path = raw.partition(b"?")[0].decode("latin-1")
    # Django's own AsyncClient gives the query as text.
    query: bytes | str = scope.get("query_string", b"")
    return prefix + path + _query(query if isinstance(query, str) else query.decode("latin-1"))


def from_wsgi(environ: Mapping[str, Any], prefix: str = "") -> str:
    """Of a WSGI environment; `prefix` is what a proxy has cut off the path."""
    # WSGI has decoded the path, byte by byte. What OSS signs is decoded as well.
    path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
    return prefix + quote(path.encode("latin-1")) + _query(environ.get("QUERY_STRING", ""))


def _query(query: str) -> str:
    return "?" + query if query else ""
