"""Programs that use one presigned URL: with curl, Python and JavaScript, ready to run.

Each sends exactly the headers that were signed and no Content-Type of its own making, which are the
two commonest reasons for SignatureDoesNotMatch.
"""

from __future__ import annotations

import json
import re
import shlex

from .outcome import Failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .._ossign import PresignResult

# Whether a file goes with the request ("up"), or its answer into one ("down").
_FILES = {"put": "up", "part": "up", "complete": "up", "get": "down"}
_DOTS = re.compile(r"/\.{1,2}(?=/|$)")


def local_file(operation: str, key: str) -> str | None:
    """The name of the local file that a snippet uses if none is given."""
    if operation not in _FILES:
        return None
    if operation == "complete":
        return "complete.xml"
    return key.rstrip("/").rpartition("/")[2].replace("\0", "") or "file"


def _headers(result: PresignResult) -> dict[str, str]:
    """What a client has to be told to send; the length of a body it knows better."""
    known = ("content-length", "host")
    return {n: v for n, v in result.request_headers.items() if n.lower() not in known}


def _has_type(headers: dict[str, str]) -> bool:
    return any(name.lower() == "content-type" for name in headers)


def _climbs(url: str) -> bool:
    """Whether the path has a part `.` or `..`, which clients resolve before they send."""
    return _DOTS.search(url.partition("?")[0].partition("://")[2]) is not None


def curl(result: PresignResult, operation: str, file: str | None) -> str:
    """A curl command for a POSIX shell; needs curl 7.76 or newer."""
    headers = _headers(result)
    lines = [["curl", "--fail" if operation == "get" else "--fail-with-body"]]
    if _climbs(result.url):
        lines[0].append("--path-as-is")
    if re.search(r"[][{}#]", result.url + (file or "")):
        lines[0].append("--globoff")
    folder = result.url.partition("?")[0].endswith(("/", "/.", "/.."))
    body = _curl_body(operation, file, "x-oss-complete-all" in map(str.lower, headers), folder)
    lines[0] += {"HEAD": ["--head"], "GET": []}.get(result.method, ["--request", result.method])
    lines += [body] if body else []
    lines += [["--header", f"{n}: {value}" if value else f"{n};"] for n, value in headers.items()]
    if "--data-binary" in body and not _has_type(headers):
        lines.append(["--header", "Content-Type:"])  # else curl says that the body is a form
    lines.append([result.url])
    return " \\\n  ".join(" ".join(map(shlex.quote, words)) for words in lines)


def _curl_body(operation: str, file: str | None, empty: bool, folder: bool) -> list[str]:
    if file is not None and file.startswith("-"):
        file = f"./{file}"  # alone it would be standard input, or an option
    if operation in ("put", "part"):
        # Where the path ends with "/", --upload-file would add the name of the file.
        return ["--data-binary", f"@{file}"] if folder else ["--upload-file", file or ""]
    if operation == "get":
        return ["--output", file or ""]
    if operation == "complete" and not empty:
        return ["--data-binary", f"@{file}"]
    return [] if operation in ("abort", "head") else ["--data-binary", ""]


def python(result: PresignResult, operation: str, file: str | None) -> str:
    """A Python program; needs the package requests."""
    headers = _headers(result)
    lines = ["import requests", "", f"url = {result.url!r}", "headers = {"]
    lines += [f"    {n!r}: {_python_value(value)}," for n, value in headers.items()]
    lines += ["}", "session = requests.Session()"]
    request = f"requests.Request({result.method!r}, url, headers=headers"
    up = _FILES.get(operation) == "up"
    into = "    " if up else ""
    lines += [f"with open({file!r}, 'rb') as file:"] if up else []
    prepare = f"session.prepare_request({request}{', data=file' if up else ''}))"
    lines += [f"{into}request = {prepare}"]
    if _climbs(result.url):
        lines += [f"{into}request.url = url  # as it was signed: the dots in it are resolved"]
    stream = ", stream=True" if operation == "get" else ""
    lines += [f"{into}response = session.send(request{stream})", "response.raise_for_status()"]
    lines += _PYTHON_CALLBACK if _has_callback(headers) else []
    if operation == "get":
        lines += [
            f"with open({file!r}, 'wb') as file:",
            "    for chunk in response.iter_content(1 << 20):",
        ]
        lines += ["        file.write(chunk)"]
    else:
        lines += ["print(response.status_code, dict(response.headers), response.text)"]
    return "\n".join(lines)


# OSS has stored the object then, but 203 is among the codes that clients take for success.
_PYTHON_CALLBACK = ["if response.status_code == 203:", "    raise SystemExit(response.text)"]


def _has_callback(headers: dict[str, str]) -> bool:
    return any(name.lower() == "x-oss-callback" for name in headers)


def _python_value(value: str) -> str:
    """Text that is not ASCII as bytes: requests would write Latin-1, and OSS reads UTF-8."""
    return repr(value) if value.isascii() else f"{value!r}.encode()"


def javascript(result: PresignResult, operation: str, file: str | None) -> str:
    """A JavaScript module for Node.js 18 or newer.

    Raises:
        Failure: JavaScript cannot send it.
    """
    if _climbs(result.url):
        raise Failure("fetch resolves '.' and '..' in paths, so JavaScript cannot send this key")
    headers = _headers(result)
    way = _FILES.get(operation)
    used = {"up": "readFile", "down": "writeFile"}.get(way or "")
    lines = [f'import {{ {used} }} from "node:fs/promises";', ""] if used else []
    lines += [f"const response = await fetch({_js(result.url)}, {{"]
    lines += [f"  method: {_js(result.method)},", "  headers: {"]
    # fetch takes one character for one byte.
    lines += [f"    {_js(n)}: {_js(v.encode().decode('latin-1'))}," for n, v in headers.items()]
    lines += ["  },"]
    lines += [f"  body: await readFile({_js(file or '')}),"] if way == "up" else []
    lines += ["});"]
    refused = (
        "!response.ok || response.status === 203" if _has_callback(headers) else "!response.ok"
    )
    lines += [f"if ({refused}) throw new Error(`${{response.status}} ${{await response.text()}}`);"]
    if way == "down":
        lines += [
            f"await writeFile({_js(file or '')}, new Uint8Array(await response.arrayBuffer()));"
        ]
    else:
        lines += ["console.log(response.status, Object.fromEntries(response.headers));"]
        lines += ["console.log(await response.text());"]
    return "\n".join(lines)


def _js(text: str) -> str:
    """A string of JavaScript, all in ASCII.

    Raises:
        Failure: The text has bytes that are no UTF-8, which a JavaScript string cannot hold.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Failure(f"JavaScript cannot name {text!r}, which is not UTF-8") from None
    return json.dumps(text)
