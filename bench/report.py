"""The tables of a run, as Markdown, and their place in docs/PERFORMANCE.md.

Medians of the rounds. A ratio is taken between medians of the same run; a goal is met or not by the
figure beside it, and a goal that this run did not measure says so.
"""

import os
import platform
import statistics
import subprocess
from datetime import datetime, timezone
from pathlib import Path

BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"

ROWS = {
    "me": "who am I",
    "members": "list 10 members",
    "permission": "permission check, with a group's locations",
    "group": "a group with its five counts",
    "cases": "newest 25 visible cases, all groups",
    "group_cases": "newest 25 cases of one group",
    "invite": "invite, durable",
    "accept": "accept, durable",
    "invite_64": "invite, durable, 64 connections",
    "accept_64": "accept, durable, 64 connections",
}
PEERS = {"better_auth": "Better Auth", "django": "Django"}

HEAD = """# Performance

What Covey costs, beside what a practice would otherwise run and beside what the machine allows.
`bench/run` measures it anew and writes the tables below; `bench/run --quick` does so with a tenth of
the cases in under 3 minutes. Both build and install first, which doesn't count.

- Every server holds the same organization: 200 practices of 10 people and 5 groups, everybody in all
  5 groups, and the same cases; 200 more practices whose invited people are about to join. They run
  side by side on the loopback interface and take turns, round after round; medians are kept. Each
  request carries another person's session; nothing is asked twice in a row.
- CPU is the operating system's account of the server's processes, divided by the requests. On a shared
  machine it is the steadier figure; requests per second share the cores with the client, so **the
  ratios count, not the numbers**. Reads come from wrk, writes from a small client in `bench/limits` that
  sends each request once.
- Every acknowledged write is on the disk, with all of them (`synchronous=FULL`). Covey's invitation also
  writes its mail and its audit event in the same transaction, and delivers the mail to a folder meanwhile;
  the peers send no mail and keep no audit trail.
- Better Auth answers with its own organization plugin; it has no cases, so its listings are hand-written
  prepared queries behind its session check. Django answers with ordinary views and ORM queries over
  django-organizations. Their small server files are in `bench/peers`. Rate limits and limits of number are
  off; sessions are inserted, so that no password is hashed.
- The limits: a bare axum handler that answers the bytes of the first listing from memory, and the bare
  prepared SQLite statements of the listing, inline, without HTTP and JSON. Their sum is what a server on
  this framework and engine can't go below.

{begin}
{end}
"""


def median(samples: dict, row: str, key: str, field: str) -> float | None:
    taken = samples.get(row, {}).get(key)
    return statistics.median(sample[field] for sample in taken) if taken else None


def number(value: float | None) -> str:
    if value is None:
        return "—"
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def millis(micros: float) -> str:
    return f"{micros / 1000:.2f}" if micros < 10_000 else f"{micros / 1000:.0f}"


def times(ratio: float | None) -> str:
    if ratio is None:
        return "—"
    return f"{ratio:.0f}x" if ratio >= 10 else f"{ratio:.1f}x"


def divide(above: float | None, below: float | None) -> float | None:
    return above / below if above is not None and below else None


def cell(results: dict, row: str, key: str) -> str:
    """Requests per second, microseconds of CPU, p50 and p99 of one server at one work."""
    if key in results["missing"]:
        return "missing"
    if not results["samples"].get(row, {}).get(key):
        return "no such call"
    rate, cpu, p50, p99 = (median(results["samples"], row, key, field)
                           for field in ("rate", "cpu_us", "p50_us", "p99_us"))
    return f"{number(rate)}/s · {number(cpu)} us · {millis(p50)} / {millis(p99)} ms"


def ratio(results: dict, row: str, key: str, field: str) -> float | None:
    """How many times better Covey is: in CPU per request, or in requests per second."""
    ours, theirs = (median(results["samples"], row, who, field) for who in ("covey", key))
    return divide(theirs, ours) if field == "cpu_us" else divide(ours, theirs)


def table(head: tuple, rows: list) -> str:
    lines = [" | ".join(head), " | ".join("---" for _ in head), *(" | ".join(row) for row in rows)]
    return "\n".join(f"| {line} |" for line in lines)


def work_table(results: dict) -> str:
    head = ("work over HTTP, 16 connections", "Covey", *PEERS.values(),
            "CPU, peers to Covey", "throughput, Covey to peers")
    rows = []
    for row, title in ROWS.items():
        if row in results["samples"]:
            ratios = [" and ".join(times(ratio(results, row, key, field)) for key in PEERS)
                      for field in ("cpu_us", "rate")]
            rows.append((title, *(cell(results, row, key) for key in ("covey", *PEERS)), *ratios))
    note = "Requests per second · CPU per request · p50 / p99. Ratios: Better Auth, then Django.\n"
    return f"{note}\n{table(head, rows)}"


def bare_query(results: dict, work: str) -> float:
    """Microseconds of the best bare statements of a listing."""
    taken = results["samples"]["bare_query"]["limit"]
    of = {field: statistics.median(sample[field] for sample in taken) for field in taken[0]}
    return min(of["all_joined_us"], of["all_late_us"]) if work == "cases" else of["group_us"]


def limit_table(results: dict) -> str:
    handler = median(results["samples"], "bare_handler", "limit", "cpu_us")
    rows = []
    for work in ("cases", "group_cases"):
        query, ours = bare_query(results, work), median(results["samples"], work, "covey", "cpu_us")
        rows.append((ROWS[work], f"{handler:.1f} us", f"{query:.1f} us", f"{handler + query:.1f} us",
                     f"{ours:.1f} us", times(ours / (handler + query))))
    head = ("CPU per request", "bare handler", "best bare statements", "both", "Covey", "Covey to both")
    fsync = results["facts"]["fsync"]
    after = (f"A durable append of 4 KiB takes {millis(fsync['p50_us'])} ms here (p99 {millis(fsync['p99_us'])} ms); "
             f"the bare handler answers {number(median(results['samples'], 'bare_handler', 'limit', 'rate'))}/s.")
    return f"{table(head, rows)}\n\n{after}"


def body_table(results: dict) -> str:
    facts, rows = results["facts"], []
    for key, title in {"covey": "Covey", **PEERS}.items():
        if key in results["missing"]:
            rows.append((title, "missing", "missing", "missing"))
            continue
        reads, end = facts["memory_after_reads"].get(key), facts["memory_after_all"].get(key)
        cold = facts["cold_start_s"].get(key)
        rows.append((title, memory(reads), memory(end), f"{cold:.3f} s" if cold else "—"))
    return table(("", "memory after the reads", "memory after the writes", "start to first answer"), rows)


def memory(found: dict | None) -> str:
    """All of what is resident; and without the pages of files, which the system takes back at will."""
    return f"{found['VmRSS']:.0f} MB ({found['RssAnon']:.0f} MB without mapped files)" if found else "—"


class Goals:
    """The goals, each with its figure and whether it is met."""

    def __init__(self, results: dict):
        self.results, self.samples, self.facts = results, results["samples"], results["facts"]
        self.rows = []

    def add(self, goal: str, figure: str, met: bool | None) -> None:
        self.rows.append((goal, figure, {True: "met", False: "**not met**", None: "not measured"}[met]))

    def at_least(self, work: str, key: str, field: str, least: float) -> None:
        unit = "less CPU" if field == "cpu_us" else "the throughput"
        found, title = ratio(self.results, work, key, field), PEERS[key]
        why = "the peer is missing" if key in self.results["missing"] else "—"
        self.add(f"{ROWS[work]}: at least {least:.0f}x {unit} {'than' if field == 'cpu_us' else 'of'} {title}",
                 times(found) if found else why, None if found is None else found >= least)

    def all(self) -> str:
        self.listing()
        for work in ("me", "members", "permission"):
            for key in PEERS:
                self.at_least(work, key, "cpu_us", 30)
        for work in ("invite", "accept", "invite_64", "accept_64"):
            for key in PEERS:
                if work in self.samples or not work.endswith("64"):
                    self.at_least(work, key, "rate", 20)
        self.growth()
        self.others()
        for goal in ("access decision in process under 50 ns", "page within 1.5x of its JSON answer",
                     "50,000 clients imported in 5 s", "PostgreSQL with one and two server processes"):
            self.add(goal, "this run has no such row", None)
        return table(("goal", "figure", ""), self.rows)

    def listing(self) -> None:
        handler = median(self.samples, "bare_handler", "limit", "cpu_us")
        both = handler + bare_query(self.results, "cases")
        found = median(self.samples, "cases", "covey", "cpu_us") / both
        self.add(f"{ROWS['cases']}: CPU within 1.3x of the two limits added", times(found), found <= 1.3)
        self.at_least("cases", "better_auth", "cpu_us", 10)
        self.at_least("cases", "django", "cpu_us", 40)

    def growth(self) -> None:
        p50 = {key: median(self.samples, "growth", key, "p50_us") for key in ("small", "large")}
        found = divide(p50["large"], p50["small"])
        self.add("the listing with 1 million cases: p50 within 1.3x of 10 thousand", times(found),
                 None if found is None else found <= 1.3)
        one = median(self.samples, "wide", "1", "p50_us")
        for groups in ("20", "200"):
            found = divide(median(self.samples, "wide", groups, "p50_us"), one)
            self.add(f"the listing for someone in {groups} groups: p50 within 2x of one group", times(found),
                     None if found is None else found <= 2)

    def others(self) -> None:
        quiet, storm = (median(self.samples, row, "covey", "p99_us") for row in ("quiet", "storm"))
        self.add("sign-in storm: p99 of who am I under 2x of quiet",
                 f"{times(storm / quiet)} ({millis(quiet)} to {millis(storm)} ms)", storm / quiet < 2)
        paste = self.facts["paste_s"]
        self.add("10,000 addresses invited in one paste: 2 s", f"{paste:.2f} s", paste <= 2)
        taking = self.facts["import_s"]
        self.add("50,000 clients imported, each line with its outcome: 5 s",
                 f"{taking:.2f} s, of it {self.facts['import_read_s']:.2f} s for the preview", taking <= 5)
        taken = [self.facts[when]["covey"] for when in ("memory_after_reads", "memory_after_all")]
        resident, cases = max(taken, key=lambda found: found["VmRSS"]), self.results["size"].cases
        self.add("under 50 MB resident with 1 million cases after the load",
                 f"{memory(resident)}, {cases:,} cases", resident["VmRSS"] < 50)
        cold = self.facts["cold_start_s"]["covey"]
        self.add("under 0.2 s from start to first answer", f"{cold:.3f} s", cold < 0.2)


def extras(results: dict) -> str:
    """What has no column: the paste, the growth, the trail."""
    facts, samples = results["facts"], results["samples"]
    lines = [f"- 10,000 addresses in one paste: {facts['paste_s']:.2f} s, each with its own outcome. "
             f"The peers have no such call; at their rate above, one by one: {one_by_one(results)}.",
             f"- The audit trail that the invitations wrote {'verifies' if facts['audit_is_whole'] else '**DOES NOT VERIFY**'}."]
    settled = [sample["settled_s"] for sample in samples["invite"]["covey"]]
    lines.append(f"- After a turn of invitations Covey had delivered all mail within {max(settled):.1f} s.")
    for key, title in {"small": "10 thousand cases", "large": f"{results['size'].cases:,} cases"}.items():
        if "growth" in samples:
            lines.append(f"- The listing with {title}, one connection: {cell(results, 'growth', key)}.")
    for groups in samples.get("wide", {}):
        lines.append(f"- The listing for someone in {groups} groups, one connection: {cell(results, 'wide', groups)}.")
    return "\n".join(lines)


def one_by_one(results: dict) -> str:
    parts = []
    for key, title in PEERS.items():
        rate = median(results["samples"], "invite", key, "rate")
        parts.append(f"{title} {10_000 / rate:.0f} s" if rate else f"{title} missing")
    return ", ".join(parts)


def machine(root: Path, folder: Path) -> dict:
    def told(*command):
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=root)
        return done.stdout.strip()

    processor = [line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                 if line.startswith("model name")]
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return {
        "processor": f"{os.cpu_count()} x {processor[0] if processor else platform.machine()}",
        "memory": f"{gigabytes:.0f} GB",
        "system": f"{platform.system()} {'.'.join(platform.release().split('.')[:2])}",
        "files": told("stat", "-f", "-c", "%T", str(folder)),
        "load": ", ".join(f"{load:.1f}" for load in os.getloadavg()),
        "commit": told("git", "describe", "--always", "--dirty", "--exclude", "*"),
        "rustc": told("rustc", "--version"),
    }


def machine_lines(results: dict) -> str:
    on, plan, size = results["machine"], results["plan"], results["size"]
    mode = "`bench/run --quick`" if plan.quick else "`bench/run`"
    lines = [
        f"{mode}, {datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC, {results['took_s']:.0f} s: {size.cases:,} cases, "
        f"{plan.rounds} rounds of {plan.seconds} s each.",
        "",
        f"- Machine: {on['processor']}, {on['memory']}, {on['system']}, {on['files']}; load average at the end {on['load']}. "
        "The client and the servers share these cores.",
        f"- Covey {on['commit']}, {on['rustc']}, `dist` build, SQLite.",
    ]
    for key, title in PEERS.items():
        version = results["versions"].get(key)
        lines.append(f"- {version}." if version else f"- {title}: **missing**, {results['missing'][key]}.")
    return "\n".join(lines)


def tables(results: dict) -> str:
    parts = [
        machine_lines(results),
        f"## Work\n\n{work_table(results)}",
        f"## The physical limit\n\n{limit_table(results)}",
        f"## Memory and start\n\n{body_table(results)}",
        f"## Further\n\n{extras(results)}",
        f"## Goals\n\n{Goals(results).all()}",
    ]
    return "\n\n".join(parts)


def write(path: Path, text: str) -> None:
    """Puts the tables between the markers; makes the document where there is none."""
    path.parent.mkdir(exist_ok=True)
    document = path.read_text() if path.exists() else HEAD.format(begin=BEGIN, end=END)
    if BEGIN not in document or END not in document:
        raise RuntimeError(f"{path} has no {BEGIN} and {END} to write between")
    before, _, rest = document.partition(BEGIN)
    after = rest.partition(END)[2]
    path.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}")
