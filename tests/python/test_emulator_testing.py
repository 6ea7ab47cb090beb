"""`ossign.testing`: the emulator in users' own tests."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import ossign as oss
import pytest
from ossign.testing import Emulator, emulator

pytest_plugins = ["pytester"]
TEST = """
import ossign as oss
import requests

def test_one(oss_emulator):
    result = oss_emulator.client().presign(oss.PutObjectRequest(bucket="bucket", key="a"))
    assert requests.put(result.url, b"x", timeout=30).status_code == 200
    assert oss_emulator.read("bucket", "a") == b"x"

def test_two(oss_emulator):
    assert oss_emulator.objects() == []
    answer = requests.get(oss_emulator.endpoint + "/bucket/a?Signature=hush", timeout=30)
    assert answer.status_code == 200
"""


def test_the_fixture_needs_no_configuration_and_a_failure_shows_why(
    pytester: pytest.Pytester,
) -> None:
    pytester.makepyfile(TEST)
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*WARN*GET /bucket/a: 403 AccessDenied*"])


def test_a_client_of_the_environment_finds_the_emulator(
    oss_emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in oss_emulator.environ.items():
        monkeypatch.setenv(name, value)
    url = oss.presign(oss.GetObjectRequest(bucket="bucket", key="a")).url
    assert url.startswith(f"{oss_emulator.endpoint}/bucket/a?")


def test_it_is_ready_at_once_and_gone_at_the_end() -> None:
    with emulator() as running:
        assert running.is_running
        assert urllib.request.urlopen(running.endpoint).status == 200
        assert repr(running) == f"<ossign.testing.Emulator {running.endpoint}>"
    assert not running.is_running
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(running.endpoint)
    running.stop()
    for look in (running.objects, lambda: running.read("b", "k"), lambda: running.refusals):
        with pytest.raises(RuntimeError, match="has stopped"):
            look()


def test_two_run_beside_each_other() -> None:
    with emulator() as one, emulator() as other:
        assert one.endpoint != other.endpoint


def test_a_temporary_folder_goes_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with emulator():
        assert len([*tmp_path.iterdir()]) == 1
    assert [*tmp_path.iterdir()] == []


def test_a_read_of_nothing_is_a_key_error(oss_emulator: Emulator) -> None:
    with pytest.raises(KeyError, match="bucket/nothing"):
        oss_emulator.read("bucket", "nothing")


def test_a_port_that_is_taken_is_an_os_error(oss_emulator: Emulator) -> None:
    port = int(oss_emulator.endpoint.rpartition(":")[2])
    with pytest.raises(OSError, match=f"cannot listen on 127.0.0.1 port {port}"):
        Emulator(port=port)


def test_a_folder_that_cannot_be_is_an_os_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="cannot use the folder .*file: "):
        Emulator(data=tmp_path / "file")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"log": "xml"}, "log must be"),
        ({"log_level": "debug"}, "log_level must be"),
        ({"callback_timeout": -1.0}, "callback_timeout must be"),
        ({"credentials": oss.Credentials("id", "")}, "AccessKey"),
    ],
)
def test_an_impossible_option_is_a_value_error(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Emulator(**options)


def test_importing_ossign_imports_neither_pytest_nor_the_emulators_face() -> None:
    program = (
        "import sys, ossign; print([m for m in sys.modules if 'pytest' in m or 'testing' in m])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "[]"


def test_a_program_that_forgets_to_stop_it_ends_all_the_same() -> None:
    program = "from ossign.testing import Emulator; emulator = Emulator(); print(emulator.endpoint)"
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=30
    )
    assert answer.stdout.startswith("http://127.0.0.1:")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_threads_of_python_go_on_while_it_stops(oss_emulator: Emulator) -> None:
    import threading

    done = threading.Event()
    thread = threading.Thread(target=lambda: (oss_emulator.stop(), done.set()))
    thread.start()
    assert done.wait(30)
    thread.join()
