"""What the uploads need, and the list at the end: which languages ran and which did not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import application
import browser
import pytest
from programs import NOT_RUN, PROGRAMS, Program


@pytest.fixture(scope="session", params=[*PROGRAMS, "browser"])
def client(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Program | browser.Browser]:
    """Each of the programs, built."""
    if request.param == "browser":
        with browser.running() as page:
            yield page
    else:
        program = PROGRAMS[request.param]
        program.prepare(tmp_path_factory.mktemp(request.param))
        yield program


@pytest.fixture
def app() -> Iterator[application.Application]:
    """The application that is told of uploads."""
    with application.running() as running:
        yield running


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the files to upload."""
    return tmp_path_factory.mktemp("文件")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """List each language, so that nobody takes one that did not run for one that passed."""
    terminalreporter.section("upload programs")
    for name in [*PROGRAMS, "browser"]:
        counts = {
            kind: sum(f"[{name}" in str(report.nodeid) for report in reports)
            for kind, reports in terminalreporter.stats.items()
            if kind in ("passed", "failed", "error")
        }
        words = ", ".join(f"{count} {kind}" for kind, count in counts.items() if count)
        terminalreporter.write_line(f"{name:9} {words or 'NOT RUN: not chosen'}")
    for name, reason in NOT_RUN.items():
        terminalreporter.write_line(f"{name:9} NOT RUN: {reason}")
