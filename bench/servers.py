"""Starting, watching and ending servers, each in a process group of its own.

A server is started on a free loopback port and is ended by the id of its group, whatever happens:
`Fleet` ends all of them when its block is left, also by Ctrl-C or SIGTERM.
"""

import http.client
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PATIENCE = 60


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def processes_of(group: int) -> list:
    """The processes of a group, by the fifth field of their stat."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            fields = stat_fields(int(entry.name))
            if fields and int(fields[2]) == group:
                found.append(int(entry.name))
    return found


def stat_fields(pid: int) -> list:
    """The fields of /proc/PID/stat after the name, which may hold spaces. Empty once it has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def status_kib(pid: int, field: str) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith(f"{field}:"))


class Process:
    """One running server: a process group that listens on a port."""

    def __init__(self, command: list, port: int, log: Path, env: dict, folder: Path):
        self.port = port
        with open(log, "ab") as out:
            self.child = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=folder,
                env={**os.environ, **env}, start_new_session=True)
        self.log = log

    def wait_for(self, path: str, headers: dict) -> float:
        """Seconds until it first answers `path` with 200."""
        start = time.monotonic()
        while time.monotonic() - start < PATIENCE:
            if self.child.poll() is not None:
                raise RuntimeError(f"ended at once; see {self.log}:\n{self.log.read_text()[-2000:]}")
            if self.answers(path, headers):
                return time.monotonic() - start
            time.sleep(0.002)
        raise RuntimeError(f"no answer within {PATIENCE} s; see {self.log}")

    def answers(self, path: str, headers: dict) -> bool:
        try:
            return ask(self.port, "GET", path, headers)[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def cpu_seconds(self) -> float:
        """The processor time of the whole group so far, with that of its ended children."""
        ticks = 0
        for pid in processes_of(self.child.pid):
            fields = stat_fields(pid)
            ticks += sum(int(field) for field in fields[11:15])
        return ticks / TICKS

    def memory_kib(self, field: str) -> int:
        return sum(status_kib(pid, field) for pid in processes_of(self.child.pid))

    def settle(self, limit: float = 30.0) -> float:
        """Waits until it does nothing any more, such as delivering mail. Gives the seconds that took."""
        start = time.monotonic()
        before = self.cpu_seconds()
        while time.monotonic() - start < limit:
            time.sleep(0.2)
            now = self.cpu_seconds()
            if now - before <= 0.02:
                break
            before = now
        return time.monotonic() - start

    def stop(self) -> None:
        for sign, patience in ((signal.SIGTERM, 25), (signal.SIGKILL, 5)):
            try:
                os.killpg(self.child.pid, sign)
            except ProcessLookupError:
                pass
            try:
                self.child.wait(patience)
            except subprocess.TimeoutExpired:
                continue
            if not processes_of(self.child.pid):
                return


class Fleet:
    """All running processes; a context that ends them."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.running = []

    def __enter__(self):
        # A SIGTERM or a closed terminal leaves the block like an error does.
        for sign in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(sign, lambda number, _frame: (_ for _ in ()).throw(SystemExit(128 + number)))
        return self

    def __exit__(self, *_):
        for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(sign, signal.SIG_IGN)
        for process in list(self.running):
            self.stop(process)

    def start(self, name: str, command: list, port: int, env: dict = None, folder: Path = None) -> Process:
        process = Process([str(part) for part in command], port, self.folder / f"{name}.log", env or {},
                          folder or self.folder)
        self.running.append(process)
        return process

    def stop(self, process: Process) -> None:
        process.stop()
        if process in self.running:
            self.running.remove(process)


def ask(port: int, method: str, path: str, headers: dict, body: str = None, patience: float = 60) -> tuple:
    """One request on a connection of its own: the status and the body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=patience)
    try:
        connection.request(method, path, body=body, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()
