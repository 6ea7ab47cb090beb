"""How long a run of the command takes that does next to nothing, beside a bare Python.

`ossign --version` is to take less than 100 ms.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

ROUNDS = 20
RUNS = {
    "python -c pass": ["-c", "pass"],
    "python -c 'import ossign'": ["-c", "import ossign"],
    "ossign --version": ["-m", "ossign", "--version"],
    "ossign presign put --help": ["-m", "ossign", "presign", "put", "--help"],
}


def main() -> None:
    times: dict[str, list[float]] = {name: [] for name in RUNS}
    for _ in range(ROUNDS):
        for name, words in RUNS.items():
            start = time.perf_counter()
            subprocess.run([sys.executable, *words], stdout=subprocess.DEVNULL, check=True)
            times[name].append(time.perf_counter() - start)
    print(f"milliseconds, of {ROUNDS} runs in turn: least, median")
    for name, taken in times.items():
        print(f"{name:28} {min(taken) * 1e3:6.1f} {statistics.median(taken) * 1e3:6.1f}")


if __name__ == "__main__":
    main()
