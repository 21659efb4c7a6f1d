"""Measures Covey beside its peers and the physical limit. Started by bench/run.

The servers stand side by side, filled alike, and take turns at every work, round after round, so that
a noisy minute hits all of them. Medians of the rounds are kept.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import contenders
import report
from contenders import BetterAuth, Covey, Django
from load import Loader, check
from servers import Fleet, Process, ask, free_port
from shape import WIDE_MEMBERSHIPS, Shape

BENCH = Path(__file__).parent
ROOT = BENCH.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))

READS = ("me", "members", "permission", "group", "cases", "group_cases")
WRITES = ("invite", "accept")
# How many items a right answer has, where it is a list of them.
ITEMS = {"cases": 25, "group_cases": 25}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/run", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="100 thousand cases, short rounds: under 3 minutes")
    parser.add_argument("--rounds", type=int, help="how often everybody takes a turn (quick 3, else 5)")
    parser.add_argument("--seconds", type=int, help="how long a turn is (quick 1, else 4)")
    parser.add_argument("--cases-per-group", type=int, help="of 1,000 groups (quick 100, else 1000)")
    parser.add_argument("--only", choices=("covey",), help="leave the peers out, as missing")
    parser.add_argument("--keep", action="store_true", help="leave the data folder for a look")
    parser.add_argument("--no-write", action="store_true", help="print the tables and leave docs/PERFORMANCE.md alone")
    return parser.parse_args()


class Plan:
    """The numbers of a run: the given ones, or those of its mode."""

    def __init__(self, given: argparse.Namespace):
        self.quick = given.quick
        self.rounds = given.rounds or (3 if given.quick else 5)
        self.seconds = given.seconds or (1 if given.quick else 4)
        self.connections = (16,) if given.quick else (16, 64)
        turns = self.rounds * len(self.connections)
        self.size = Shape(
            cases_per_group=given.cases_per_group or (100 if given.quick else 1000),
            invitations=turns * self.seconds * 6_000,
            wide_groups=0 if given.quick else 200)
        self.peer_size = contenders.for_peer(self.size, turns * self.seconds * 1_000)


class Bench:
    """One whole run. `samples[row][key]` are the measurements of a server at a work."""

    def __init__(self, fleet: Fleet, folder: Path, plan: Plan, only: str):
        self.fleet, self.folder, self.plan = fleet, folder, plan
        self.loader = Loader(folder, TARGET / "release" / "limits")
        self.covey = Covey(fleet, folder / "covey", plan.size, TARGET / "dist" / "covey")
        peers = [kind(fleet, folder / kind.key, plan.peer_size) for kind in (BetterAuth, Django)]
        self.peers = [peer for peer in peers if not peer.missing and not only]
        self.missing = {peer.key: peer.missing or "left out by --only" for peer in peers if peer not in self.peers}
        self.servers = [self.covey, *self.peers]
        self.samples = {}
        self.facts = {}
        self.guests = 0

    def run(self) -> dict:
        self.fill()
        self.start()
        self.read_rounds()
        self.note_memory("memory_after_reads")
        self.write_rounds()
        self.note_memory("memory_after_all")
        self.paste()
        self.import_clients()
        self.storm()
        self.limits()
        if not self.plan.quick:
            self.growth()
        self.cold_starts()
        return {"samples": self.samples, "facts": self.facts, "missing": self.missing,
                "versions": {peer.key: peer.version() for peer in self.peers}}

    def note(self, row: str, key: str, measured: dict) -> None:
        self.samples.setdefault(row, {}).setdefault(key, []).append(measured)
        say(f"  {row:<18} {key:<12} {measured['rate']:>9.0f}/s  {measured['cpu_us']:>8.1f} us CPU"
            f"  p50 {measured['p50_us'] / 1000:.2f} ms  p99 {measured['p99_us'] / 1000:.2f} ms")

    def fill(self) -> None:
        for server in list(self.servers):
            say(f"filling {server.title}: {server.size.cases:,} cases …")
            self.attempt(server, server.fill)

    def start(self) -> None:
        for server in list(self.servers):
            self.attempt(server, server.start)
        for row in READS:
            for server in list(self.servers):
                self.attempt(server, lambda: self.try_out(server, row))

    def attempt(self, server, deed) -> None:
        """A peer that fails is reported as missing; Covey itself must not fail."""
        try:
            deed()
        except (RuntimeError, OSError) as error:
            if server is self.covey:
                raise
            say(f"{server.title} is out: {error}")
            server.stop()
            self.servers.remove(server)
            self.peers.remove(server)
            self.missing[server.key] = f"failed: {str(error).splitlines()[0][:120]}"

    def try_out(self, server, row: str) -> None:
        """Looks at one answer before it is measured, and warms the server up."""
        requests = server.work(row)
        if not requests:
            return
        answer = json.loads(check(server.process, requests[0]))
        if row in ITEMS and len(answer["items"]) != ITEMS[row]:
            raise RuntimeError(f"{row}: {len(answer['items'])} items instead of {ITEMS[row]}")
        self.facts.setdefault("bytes", {}).setdefault(row, {})[server.key] = len(json.dumps(answer, separators=(",", ":")))
        self.loader.repeat(server.process, requests, 1)

    def read_rounds(self) -> None:
        work = {server.key: {row: server.work(row) for row in READS} for server in self.servers}
        bare = self.bare_handler(check(self.covey.process, work["covey"]["cases"][0]))
        for number in range(self.plan.rounds):
            say(f"reads, round {number + 1} of {self.plan.rounds}")
            for row in READS:
                for server in self.servers:
                    if work[server.key][row]:
                        self.note(row, server.key,
                                  self.loader.repeat(server.process, work[server.key][row], self.plan.seconds))
            self.note("bare_handler", "limit", self.loader.repeat(bare, [("GET", "/", {"Accept": "*/*"}, "")],
                                                                  self.plan.seconds))
            self.bare_query()
        self.fleet.stop(bare)

    def bare_handler(self, body: bytes) -> Process:
        path, port = self.folder / "body.json", free_port()
        path.write_bytes(body)
        bare = self.fleet.start("bare", [self.loader.limits, "serve", path, port], port)
        bare.wait_for("/", {})
        return bare

    def bare_query(self) -> None:
        people = [{"token": who["token"], "account": as_hex(who["account"]), "group": as_hex(who["groups"][n % 5])}
                  for n, who in enumerate(self.covey.people())]
        job = self.folder / "query.json"
        job.write_text(json.dumps({"people": people, "seconds": self.plan.seconds / 2}))
        self.samples.setdefault("bare_query", {}).setdefault("limit", []).append(
            self.loader.limit("query", self.covey.database, job))

    def write_rounds(self) -> None:
        for number in range(self.plan.rounds):
            for connections in self.plan.connections:
                say(f"writes, round {number + 1} of {self.plan.rounds}, {connections} connections")
                for row in WRITES:
                    for server in self.servers:
                        self.write_turn(server, row, number, connections)

    def write_turn(self, server, row: str, number: int, connections: int) -> None:
        turn = number * len(self.plan.connections) + self.plan.connections.index(connections)
        if row == "invite":
            count = self.plan.seconds * (15_000 if server is self.covey else 2_000)
            requests = server.invites(self.guests, count)
            self.guests += count
        else:
            count = server.size.invitations // (self.plan.rounds * len(self.plan.connections))
            requests = server.accepts(turn * count, count)
        measured = self.loader.once(server.process, requests, self.plan.seconds, connections)
        self.note(row if connections == 16 else f"{row}_{connections}", server.key, measured)
        if row == "invite" and server is self.covey:
            self.must_be_inviting()
        # What an invitation leaves to be done afterwards must not disturb whoever is next.
        measured["settled_s"] = server.process.settle()

    def must_be_inviting(self) -> None:
        """An answer of 201 may hold an outcome that is none: what was measured must have been invitations."""
        request = self.covey.paste(self.covey.owners()[0], [f"guest{self.guests}@guests.example"])
        self.guests += 1
        outcome = json.loads(check(self.covey.process, request))["outcomes"][0]
        if outcome["outcome"] != "invited":
            raise RuntimeError(f"an invitation answered {outcome}")

    def paste(self) -> None:
        """10,000 addresses in one call; and whether the audit trail of an account that the server opened took it all."""
        took = []
        for number in range(1 if self.plan.quick else 3):
            who = self.covey.first_owner()
            addresses = [f"pasted{number}.{n}@guests.example" for n in range(10_000)]
            start = time.monotonic()
            answer = json.loads(check(self.covey.process, self.covey.paste(who, addresses)))
            took.append(time.monotonic() - start)
            if sum(outcome["outcome"] == "invited" for outcome in answer["outcomes"]) != len(addresses):
                raise RuntimeError("not every pasted address was invited")
            self.covey.process.settle()
            self.facts["audit_is_whole"] = self.covey.audit_is_whole(who)
        self.facts["paste_s"] = statistics.median(took)
        say(f"10,000 addresses in one paste: {self.facts['paste_s']:.2f} s")

    def import_clients(self) -> None:
        """50,000 clients out of one file, each line with its own outcome: read, looked at, added."""
        who, clients = self.covey.owners()[0], 50_000
        start = time.monotonic()
        found = json.loads(check(self.covey.process, self.covey.begin_import(who, clients)))
        read = time.monotonic()
        done = json.loads(check(self.covey.process, self.covey.run_import(who, found["id"])))
        self.facts["import_s"], self.facts["import_read_s"] = time.monotonic() - start, read - start
        if done["counts"]["added"] != clients - clients // 100:
            raise RuntimeError(f"the import answered {done['counts']}")
        self.covey.process.settle()
        say(f"50,000 clients imported: {self.facts['import_s']:.2f} s, the preview {self.facts['import_read_s']:.2f} s")

    def storm(self) -> None:
        """Who am I, quiet and while four connections sign in as fast as they can."""
        requests, seconds = self.covey.work("me"), self.plan.seconds
        for _ in range(self.plan.rounds):
            self.note("quiet", "covey", self.loader.repeat(self.covey.process, requests, seconds))
            job = self.loader.job(self.covey.process, self.covey.sign_ins(2000), seconds + 0.5, 4)
            storm = threading.Thread(target=self.loader.limit, args=("load", job))
            storm.start()
            time.sleep(0.3)
            self.note("storm", "covey", self.loader.repeat(self.covey.process, requests, seconds))
            storm.join()

    def limits(self) -> None:
        self.facts["fsync"] = self.loader.limit("fsync", self.folder)

    def note_memory(self, name: str) -> None:
        self.facts[name] = {server.key: {field: server.process.memory_kib(field) / 1024
                                         for field in ("VmRSS", "RssAnon")} for server in self.servers}

    def cold_starts(self) -> None:
        took = {server.key: [] for server in self.servers}
        for _ in range(3 if self.plan.quick else 5):
            for server in self.servers:
                server.stop()
                took[server.key].append(server.start())
        self.facts["cold_start_s"] = {key: statistics.median(values) for key, values in took.items()}

    def growth(self) -> None:
        """The same listing with a hundredth of the cases, and for people in few and in many groups."""
        size = Shape(organizations=40, cases_per_group=50, joining=0, invitations=0)
        small = Covey(self.fleet, self.folder / "small", size, self.covey.binary)
        small.fill()
        small.start()
        for _ in range(self.plan.rounds):
            for key, server in (("small", small), ("large", self.covey)):
                self.note("growth", key, self.loader.repeat(server.process, server.work("cases"), self.plan.seconds, 1))
            for groups in WIDE_MEMBERSHIPS:
                self.note("wide", str(groups), self.loader.repeat(
                    self.covey.process, self.covey.work_wide(groups), self.plan.seconds, 1))
        small.stop()


def as_hex(written: str) -> str:
    """The 16 bytes of an id in its written form, in hexadecimal."""
    value = 0
    for letter in written.partition("_")[2]:
        value = value << 5 | "0123456789abcdefghijklmnopqrstuv".index(letter)
    return f"{value >> 2:032x}"


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> int:
    given = arguments()
    plan, began = Plan(given), time.time()
    for name in [name for name in os.environ if name.startswith("COVEY_")]:
        del os.environ[name]
    (BENCH / ".peers").mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="data-", dir=BENCH / ".peers"))
    try:
        with Fleet(folder) as fleet:
            results = Bench(fleet, folder, plan, given.only).run()
        machine = report.machine(ROOT, folder)
    except KeyboardInterrupt:
        say("interrupted; every server was ended")
        return 130
    finally:
        if not given.keep:
            shutil.rmtree(folder, ignore_errors=True)
    results |= {"machine": machine, "size": plan.size, "plan": plan, "took_s": time.time() - began}
    tables = report.tables(results)
    print(tables)
    if not given.no_write:
        report.write(ROOT / "docs" / "PERFORMANCE.md", tables)
        say(f"written to {ROOT / 'docs' / 'PERFORMANCE.md'}")
    say(f"took {results['took_s']:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
