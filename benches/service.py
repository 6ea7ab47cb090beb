"""The HTTP presign API under load, beside the same API written on FastAPI and the official SDK.

Each server runs in a process of its own with one worker; `wrk` asks it for one URL, and for batches
of 20, from another. The servers take turns within one run, several times, and what is compared is
requests per second of the server's own processor time: the load generator shares the machine.

    .venv/bin/python benches/service.py [--seconds 4] [--rounds 3] [--connections 64] [--only serve]

Needs `wrk` (Debian: apt-get install wrk), and fastapi, uvicorn, uvloop and httptools.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
KEY = "a-key-for-the-benchmark"
PHOTO = {"filename": "holiday.jpg", "content_type": "image/jpeg"}
BODIES = {
    "presign-put": PHOTO,
    "presign-put/batch": {"files": [PHOTO] * 20, "expire_seconds": 3600},
}
UVICORN = """
import socket, sys, uvicorn
sys.path.insert(0, {here!r})
import service_apps
app = getattr(service_apps, {name!r})()
config = uvicorn.Config(app, log_level="error", loop="uvloop", http="httptools")
# As a socket of its own kind: uvicorn takes a bare `fd` for a Unix socket, with Nagle's delays.
uvicorn.Server(config).run(sockets=[socket.socket(fileno={fd})])
"""
SERVE = """
import os
from ossign._ossign import PresignServer
server = PresignServer(dict(os.environ), signals=True)
print(server.url, flush=True)
server.wait()
"""
NAMES = ("fastapi and the SDK", "router", "asgi", "serve")
ENVIRONMENT = {
    "OSS_ACCESS_KEY_ID": "sample-id",
    "OSS_ACCESS_KEY_SECRET": "sample-secret",
    "OSSIGN_BUCKET": "examplebucket",
    "OSSIGN_REGION": "cn-hangzhou",
    "OSSIGN_API_KEYS": f"web:{hashlib.sha256(KEY.encode()).hexdigest()}",
    "OSSIGN_PORT": "0",
    "OSSIGN_THREADS": "1",
    "BENCH_KEY": KEY,
}


@contextmanager
def running(name: str) -> Iterator[tuple[str, int]]:
    """A server, with its address and process."""
    import socket

    environment = {**os.environ, **ENVIRONMENT}
    if name == "serve":
        command, passed, url = SERVE, (), None
    else:
        listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
        apps = {"fastapi and the SDK": "with_sdk", "router": "with_router", "asgi": "bare"}
        fd = listener.fileno()
        command = UVICORN.format(here=str(HERE), name=apps[name], fd=fd)
        passed, url = (fd,), f"http://127.0.0.1:{listener.getsockname()[1]}"
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(
            [sys.executable, "-c", command],
            env=environment,
            pass_fds=passed,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        try:
            yield url or server.stdout.readline().strip(), server.pid
        finally:
            if server.poll() is not None:
                log.seek(0)
                raise SystemExit(f"{name} has ended: {log.read().decode()}")
            server.terminate()
            server.wait()
            server.stdout.close()


def processor_seconds(pid: int) -> float:
    """What a process has used so far, in user and kernel."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wrk(url: str, route: str, connections: int, seconds: int) -> dict[str, float]:
    """One run of the load generator; any error ends the benchmark."""
    body = json.dumps(BODIES[route])
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(f"wrk.method = 'POST'\nwrk.body = [[{body}]]\n")
        script.write(f"wrk.headers['Apikey'] = '{KEY}'\n")
        script.write("wrk.headers['Content-Type'] = 'application/json'\n")
        script.flush()
        # The slowest server takes longer than wrk waits by itself for 1,000 connections in turn.
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "--timeout=30s"]
        command += ["-s", script.name, f"{url}/api/oss/{route}"]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    wrong = re.findall(r"(Non-2xx.*|Socket errors.*)", output)
    if wrong:
        raise SystemExit(f"{url}, {route}: {wrong}")
    number, unit = re.findall(r"99%\s+([\d.]+)(us|ms|s)", output)[0]
    done = re.findall(r"(\d+) requests in ([\d.]+)s", output)[0]
    scale = {"us": 0.001, "ms": 1.0, "s": 1000.0}[unit]
    return {"requests": float(done[0]), "seconds": float(done[1]), "p99": float(number) * scale}


def measure(name: str, options: argparse.Namespace) -> dict[str, tuple[float, float, float]]:
    """Requests per processor second, per second, and p99 in ms, of each route."""
    found = {}
    with running(name) as (url, pid):
        wrk(url, "presign-put", options.connections, 1)
        for route in BODIES:
            before = processor_seconds(pid)
            run = wrk(url, route, options.connections, options.seconds)
            used = processor_seconds(pid) - before
            found[route] = (run["requests"] / used, run["requests"] / run["seconds"], run["p99"])
    return found


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--only", choices=NAMES, nargs="+", default=NAMES, metavar="NAME")
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is missing (Debian: apt-get install wrk)")
    turns = range(options.rounds)
    rounds = [{name: measure(name, options) for name in options.only} for _ in turns]
    print(f"{options.connections} connections, {options.rounds} rounds of {options.seconds} s\n")
    for route in BODIES:
        print(f"| {route} | requests per processor second | ratio | per second | p99, ms |")
        print("|---|---|---|---|---|")
        for name in options.only:
            runs = [found[name][route] for found in rounds]
            ratios = [found[name][route][0] / found[options.only[0]][route][0] for found in rounds]
            rate, wall, p99 = (statistics.median(column) for column in zip(*runs, strict=True))
            ratio = statistics.median(ratios)
            print(f"| {name} | {rate:,.0f} | {ratio:.1f} | {wall:,.0f} | {p99:.2f} |")
        print()


if __name__ == "__main__":
    main()
