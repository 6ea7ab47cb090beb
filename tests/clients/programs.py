"""The upload programs of examples/clients: how each is built and run, and which cannot run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

CLIENTS = Path(__file__).parents[2] / "examples" / "clients"

# Listed at the end of a run, never as passed.
NOT_RUN = {
    "swift": "Debian 12 has no Swift",
}

JAVA = "/usr/share/java"
# Debian has OkHttp 3 only: without its import of OkHttp 4, the program finds OkHttp3.kt.
BUILD_KOTLIN = f"""
sed '/^import okhttp3.*Companion/d' {{source}} > {{made}}/Upload.kt
kotlinc {{made}}/Upload.kt {Path(__file__).parent}/OkHttp3.kt -d {{made}} \\
    -cp {JAVA}/okhttp.jar:{JAVA}/okio.jar:{JAVA}/com.android.json.jar
"""
OKHTTP = ["sh", "-euc", BUILD_KOTLIN]


@dataclass
class Done:
    """What came of an upload."""

    succeeded: bool
    said: str


@dataclass
class Program:
    """A program for the command line: `run` and URL, file and headers make its words.

    `{source}` stands for the program's text, and `{made}` for the folder of what was built.
    """

    source: Path
    run: list[str]
    build: list[str] | None = None

    def prepare(self, made: Path) -> None:
        """Build it; a compiler or interpreter that is missing is an error."""
        for words in (self.build, self.run):
            if words and "{" not in words[0] and shutil.which(words[0]) is None:
                raise FileNotFoundError(
                    f"{words[0]} is missing: install what tests/clients/packages.txt lists"
                )
        self._made = made
        if self.build:
            done = subprocess.run(
                self._filled(self.build),
                cwd=self.source.parent,
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode != 0:
                raise RuntimeError(done.stdout + done.stderr)

    def upload(self, url: str, headers: Mapping[str, str], file: Path) -> Done:
        """Run it as a user would."""
        lines = [f"{name}: {value}" for name, value in headers.items()]
        done = self.run_with([url, str(file), *lines])
        assert done.returncode in (0, 1), done.stderr
        assert bool(done.stderr) == bool(done.returncode), done.stderr
        return Done(done.returncode == 0, done.stdout if done.returncode == 0 else done.stderr)

    def run_with(
        self, words: Sequence[str], variables: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run it with words after its own, and with variables beside the machine's own."""
        kept = {**os.environ, "LC_ALL": "C.UTF-8", "no_proxy": "127.0.0.1"}
        return subprocess.run(
            [*self._filled(self.run), *words],
            env={**kept, **(variables or {})},
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )

    def _filled(self, words: list[str]) -> list[str]:
        places = {"source": str(self.source), "made": str(self._made)}
        return [word.format(**places) for word in words]


PROGRAMS = {
    "curl": Program(CLIENTS / "curl/upload.sh", ["sh", "{source}"]),
    "requests": Program(CLIENTS / "python/upload_requests.py", [sys.executable, "{source}"]),
    "httpx": Program(CLIENTS / "python/upload_httpx.py", [sys.executable, "{source}"]),
    "java": Program(
        CLIENTS / "java/Upload.java",
        ["java", "-cp", "{made}", "Upload"],
        ["javac", "-Werror", "-Xlint", "-encoding", "UTF-8", "-d", "{made}", "{source}"],
    ),
    "go": Program(
        CLIENTS / "go/upload.go",
        ["{made}/upload"],
        ["go", "build", "-o", "{made}/upload", "{source}"],
    ),
    "node": Program(CLIENTS / "node/upload.mjs", ["node", "{source}"]),
    "csharp": Program(
        CLIENTS / "csharp/Upload.cs",
        ["mono", "{made}/upload.exe"],
        ["mcs", "-warnaserror", "-r:System.Net.Http", "-out:{made}/upload.exe", "{source}"],
    ),
    "cpp": Program(
        CLIENTS / "cpp/upload.cpp",
        ["{made}/upload"],
        "g++ -std=c++17 -Wall -Wextra -Werror {source} -lcurl -o {made}/upload".split(),
    ),
    "kotlin": Program(
        CLIENTS / "kotlin/Upload.kt",
        [
            "java",
            "-cp",
            f"{{made}}:{JAVA}/okhttp.jar:{JAVA}/okio.jar:{JAVA}/kotlin-stdlib.jar",
            "UploadKt",
        ],
        OKHTTP,
    ),
    "php": Program(CLIENTS / "php/upload.php", ["php", "{source}"]),
}
