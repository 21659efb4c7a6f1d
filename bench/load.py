"""Sending load and reading the meters: one measurement of one work on one server.

Reads go through wrk, writes through `limits load`, which sends every request once.
"""

import json
import subprocess
from pathlib import Path

from servers import Process, ask

BENCH = Path(__file__).parent


def as_line(request: tuple) -> str:
    method, path, headers, body = request
    return "\t".join((method, path, "|".join(f"{name}: {value}" for name, value in headers.items()), body))


def check(process: Process, request: tuple) -> bytes:
    """Sends one request and insists on success, so that nobody is measured at refusing."""
    method, path, headers, body = request
    status, answer = ask(process.port, method, path, headers, body or None)
    if not 200 <= status < 300:
        raise RuntimeError(f"{method} {path} answered {status}: {answer.decode(errors='replace')[:500]}")
    return answer


class Loader:
    """Runs the load programs; its folder takes their files."""

    def __init__(self, folder: Path, limits: Path):
        self.folder, self.limits = folder, limits

    def repeat(self, process: Process, requests: list, seconds: int, connections: int = 16) -> dict:
        """The requests in turn, over and over, for so many whole seconds."""
        path = self.folder / "requests.tsv"
        path.write_text("\n".join(map(as_line, requests)) + "\n")
        return self.metered(process, [
            "wrk", "-t", 1, "-c", connections, "-d", f"{seconds}s", "--timeout", "10s",
            "-s", BENCH / "requests.lua", f"http://127.0.0.1:{process.port}/", "--", path])

    def once(self, process: Process, requests: list, seconds: float, connections: int = 16) -> dict:
        """Each request once, until there is none left or the time is over."""
        return self.metered(process, [self.limits, "load", self.job(process, requests, seconds, connections)])

    def job(self, process: Process, requests: list, seconds: float, connections: int) -> Path:
        lines, job = self.folder / f"once-{process.port}.tsv", self.folder / f"once-{process.port}.json"
        lines.write_text("\n".join(map(as_line, requests)) + "\n")
        job.write_text(json.dumps({"port": process.port, "requests": str(lines), "connections": connections,
                                   "seconds": seconds}))
        return job

    def metered(self, process: Process, command: list) -> dict:
        before = process.cpu_seconds()
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
        cpu = process.cpu_seconds() - before
        if done.returncode:
            raise RuntimeError(f"{command[0]} failed: {done.stderr[-1000:] or done.stdout[-1000:]}")
        seen = json.loads(done.stdout.strip().splitlines()[-1])
        if not seen["requests"] or seen["failed"]:
            raise RuntimeError(f"{seen['failed']} of {seen['requests']} requests failed: {seen.get('first_failure')}")
        return {"rate": seen["requests"] / seen["seconds"], "p50_us": seen["p50_us"], "p99_us": seen["p99_us"],
                "cpu_us": cpu / seen["requests"] * 1e6, "requests": seen["requests"]}

    def limit(self, *arguments) -> dict:
        """The answer of one of the limits' own programs."""
        done = subprocess.run([str(part) for part in (self.limits, *arguments)], capture_output=True, text=True,
                              check=False)
        if done.returncode:
            raise RuntimeError(f"limits {arguments[0]} failed: {done.stderr[-1000:]}")
        return json.loads(done.stdout)
