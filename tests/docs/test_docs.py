"""Every Python block of the README and of docs/ runs, and what it sends is answered and checked.

The blocks of one page run in order and share their names. Requests to any host go to a local server
that checks signatures with the SDK's own signer.
"""

from __future__ import annotations

import doctest
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
import standin

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
# Needs Spark and Ray: `make test-engines` runs its blocks.
ELSEWHERE = ROOT / "docs" / "engines.md"
BLOCK = re.compile(r"^```(python|pycon)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)")


def page_id(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[standin.Store]:
    """A local OSS in place of all others, and an environment with its credentials."""
    for name in ("OSS_SESSION_TOKEN", "OSS_ENDPOINT", "OSS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OSS_ACCESS_KEY_ID", standin.ID)
    monkeypatch.setenv("OSS_ACCESS_KEY_SECRET", standin.SECRET)
    send = requests.adapters.HTTPAdapter.send

    def send_here(
        self: requests.adapters.HTTPAdapter, request: requests.PreparedRequest, **options: object
    ) -> requests.Response:
        url = urlsplit(request.url)
        if url.hostname == "127.0.0.1":  # an emulator that the page has started
            return send(self, request, **options)
        request.headers["Host"] = url.netloc
        request.url = url._replace(scheme="http", netloc=store.host).geturl()
        return send(self, request, **options)

    with standin.running() as store:
        store.cnames["img.example.com"] = "examplebucket"
        monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", send_here)
        yield store


@pytest.mark.parametrize("page", [page for page in PAGES if page != ELSEWHERE], ids=page_id)
def test_the_python_of_a_page_runs(page: Path, store: standin.Store) -> None:
    names: dict[str, object] = {"__name__": "docs"}
    text = page.read_text(encoding="utf-8")
    for block in BLOCK.finditer(text):
        kind, source = block.groups()
        line = text.count("\n", 0, block.start(2))
        where = f"{page.relative_to(ROOT)}:{line + 1}"
        if kind == "pycon":
            check_session(source, names, where, line)
        else:
            # Empty lines in front, so that a traceback names the page's own lines.
            exec(compile("\n" * line + source, page, "exec"), names)
    assert store.refusals == []


def check_session(source: str, names: dict[str, object], where: str, line: int) -> None:
    """Run a session; what it shows must be what Python answers, `...` standing for anything."""
    test = doctest.DocTestParser().get_doctest(source, names, where, where, line)
    report: list[str] = []
    runner = doctest.DocTestRunner(
        optionflags=doctest.ELLIPSIS
        | doctest.IGNORE_EXCEPTION_DETAIL
        | doctest.NORMALIZE_WHITESPACE
    )
    runner.run(test, out=report.append, clear_globs=False)
    assert runner.failures == 0, "".join(report)
    names.update(test.globs)


@pytest.mark.parametrize("page", [*PAGES, ROOT / "CHANGELOG.md"], ids=page_id)
def test_the_links_of_a_page_lead_somewhere(page: Path) -> None:
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        assert (page.parent / link).exists(), link
