"""The servers that are compared: how each is filled and started, and how each work is asked of it.

A work is a list of requests `(method, path, headers, body)`, the same in meaning for all.
"""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import seed_covey
import shape as names
from servers import Fleet, Process, ask, free_port
from shape import Shape

BENCH = Path(__file__).parent
PEERS = BENCH / ".peers"

PASSWORD = "nine lives of a measured cat"
OWNER = "owner@covey.example"


class Contender:
    """What all have in common. `missing` is a sentence where it can't take part."""

    key = ""
    title = ""
    missing = ""

    def __init__(self, fleet: Fleet, folder: Path, size: Shape):
        self.fleet, self.folder, self.size = fleet, folder, size
        self.fixture = {}
        self.process: Process = None
        folder.mkdir(parents=True, exist_ok=True)

    def command(self, port: int) -> tuple:
        """The command, its environment and its folder."""
        raise NotImplementedError

    def headers(self, who: dict) -> dict:
        return {"Cookie": who["cookie"]}

    def launch(self) -> Process:
        port = free_port()
        command, env, folder = self.command(port)
        self.process = self.fleet.start(self.key, command, port, env, folder)
        return self.process

    def start(self) -> float:
        """Starts it; gives the seconds until it answered who somebody is."""
        self.launch()
        _, path, headers, _ = self.work("me")[0]
        return self.process.wait_for(path, headers)

    def stop(self) -> None:
        if self.process:
            self.fleet.stop(self.process)
            self.process = None

    def work(self, row: str) -> list:
        """The requests of a row that may be repeated; empty where it has no such work."""
        return getattr(self, f"work_{row}", list)()

    def people(self) -> list:
        return self.fixture["people"]

    def owners(self) -> list:
        return [who for who in self.fixture["people"] if who["owner"]]

    def work_wide(self, groups: int) -> list:
        who = next(who for who in self.fixture["wide"] if who["groups"] == groups)
        return [self.get(self.cases_path, who)]

    def get(self, path: str, who: dict) -> tuple:
        return ("GET", path, self.headers(who), "")

    def post(self, path: str, who: dict, body: dict) -> tuple:
        return ("POST", path, {**self.headers(who), "Content-Type": "application/json"}, json.dumps(body))

    def invites(self, start: int, count: int) -> list:
        """Invitations of new addresses, by the owners of the practices in turn."""
        owners = self.owners()
        return [self.invite(owners[n % len(owners)], f"guest{n}@guests.example") for n in range(start, start + count)]

    def accepts(self, start: int, count: int) -> list:
        return [self.accept(who) for who in self.fixture["joiners"][start:start + count]]


class Covey(Contender):
    key, title = "covey", "Covey"
    cases_path = "/api/v1/cases"

    def __init__(self, fleet: Fleet, folder: Path, size: Shape, binary: Path):
        super().__init__(fleet, folder, size)
        self.binary = binary

    @property
    def database(self) -> Path:
        return self.folder / "covey.db"

    def command(self, port: int) -> tuple:
        return [self.binary, "serve", "--data", self.folder, "--listen", f"127.0.0.1:{port}"], {}, self.folder

    def fill(self) -> None:
        self.launch().wait_for("/healthz", {})
        self.set_up()
        self.stop()
        self.fixture = seed_covey.fill(self.database, self.size)

    def set_up(self) -> None:
        """The first account, as its owner would make it: it makes the schema and begins the audit trail."""
        form = {"code": (self.folder / "set-up-code").read_text().strip(), "account_name": "The first practice",
                "name": "First Owner", "email": OWNER, "password": PASSWORD,
                "group_name": "Equine", "location_name": "Main house"}
        status, body = ask(self.process.port, "POST", "/api/v1/set-up",
                           {"Content-Type": "application/json"}, json.dumps(form))
        if status != 201:
            raise RuntimeError(f"set-up answered {status}: {body.decode()[:500]}")

    def headers(self, who: dict) -> dict:
        return {"Authorization": f"Bearer {who['token']}"}

    def work_me(self) -> list:
        return [self.get("/api/v1/me", who) for who in self.people()]

    def work_members(self) -> list:
        return [self.get(f"/api/v1/accounts/{who['account']}/members", who) for who in self.owners()]

    def work_permission(self) -> list:
        return [self.get(f"/api/v1/groups/{who['groups'][n % 5]}/locations", who) for n, who in enumerate(self.people())]

    def work_group(self) -> list:
        return [self.get(f"/api/v1/groups/{who['groups'][n % 5]}", who) for n, who in enumerate(self.people())]

    def work_cases(self) -> list:
        return [self.get(self.cases_path, who) for who in self.people()]

    def work_group_cases(self) -> list:
        return [self.get(f"/api/v1/groups/{who['groups'][n % 5]}/cases", who) for n, who in enumerate(self.people())]

    def invite(self, who: dict, email: str) -> tuple:
        return self.post(f"/api/v1/accounts/{who['account']}/invitations", who, {
            "emails": [email], "role": "member", "groups": [{"group": who["groups"][0], "role": "member"}]})

    def accept(self, who: dict) -> tuple:
        return self.post(f"/api/v1/invitation-links/{who['link']}/accept", who, {})

    def paste(self, who: dict, addresses: list) -> tuple:
        return self.post(f"/api/v1/accounts/{who['account']}/invitations", who,
                         {"emails": "\n".join(addresses), "role": "member"})

    def begin_import(self, who: dict, clients: int) -> tuple:
        """A file of clients for one of the caller's groups; every hundredth line is a duplicate."""
        lines = ["name,email,phone,reference"]
        for n in range(clients):
            of = n - 1 if n % 100 == 99 else n
            lines.append(f"{names.person_name(of % 997, of % 89)} {of},client{of}@clients.example,+1 555 {of:07},F-{n}")
        headers = {**self.headers(who), "Content-Type": "text/csv"}
        return ("POST", f"/api/v1/groups/{who['groups'][0]}/client-imports", headers, "\n".join(lines))

    def run_import(self, who: dict, found: str) -> tuple:
        return self.post(f"/api/v1/client-imports/{found}/run", who, {})

    def sign_ins(self, count: int) -> list:
        body = json.dumps({"email": OWNER, "password": PASSWORD})
        return [("POST", "/api/v1/sign-in", {"Content-Type": "application/json"}, body)] * count

    def first_owner(self) -> dict:
        """The owner of the account that the server opened itself: its trail has its beginning."""
        sent = {"Content-Type": "application/json"}
        status, body = ask(self.process.port, "POST", "/api/v1/sign-in", sent,
                           json.dumps({"email": OWNER, "password": PASSWORD}))
        if status not in (200, 201):
            raise RuntimeError(f"signing in answered {status}: {body.decode()[:500]}")
        token = json.loads(body)["token"]
        _, body = ask(self.process.port, "GET", "/api/v1/me", {"Authorization": f"Bearer {token}"})
        return {"token": token, "account": json.loads(body)["accounts"][0]["account"]["id"]}

    def audit_is_whole(self, who: dict) -> bool:
        """Whether an account's audit trail, which the invitations wrote, verifies."""
        _, path, headers, _ = self.get(f"/api/v1/accounts/{who['account']}/audit/verification", who)
        status, body = ask(self.process.port, "GET", path, headers)
        whole = status == 200 and json.loads(body).get("fault") is None
        if not whole:
            print(f"the audit trail: {status} {body.decode()[:500]}", file=sys.stderr, flush=True)
        return whole


class Peer(Contender):
    """A server that is filled by a program of its own out of the same numbers."""

    def shape_file(self) -> Path:
        path = self.folder / "shape.json"
        people = [[(names.person_name(o, m), names.person_email(o, m)) for m in range(self.size.members)]
                  for o in range(self.size.organizations)]
        lists = {"group_names": names.GROUP_NAMES, "protocols": names.PROTOCOLS,
                 "wide_memberships": names.WIDE_MEMBERSHIPS, "people": people}
        path.write_text(json.dumps({**self.size.arguments(), **lists}))
        return path

    @property
    def database(self) -> Path:
        return self.folder / "peer.db"

    def seed(self, command: list, env: dict, folder: Path) -> None:
        fixture = self.folder / "fixture.json"
        done = subprocess.run([*command, self.shape_file(), fixture], cwd=folder, env={**os.environ, **env},
                              capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"filling {self.title} failed:\n{done.stderr[-2000:]}")
        self.fixture = json.loads(fixture.read_text())


class BetterAuth(Peer):
    key, title = "better_auth", "Better Auth"
    home = PEERS / "better_auth"
    cases_path = "/cases"

    @property
    def missing(self) -> str:
        return "" if (self.home / "installed").exists() else "could not be installed from npm"

    def version(self) -> str:
        def of(package):
            return json.loads((self.home / "node_modules" / package / "package.json").read_text())["version"]
        node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
        return f"Better Auth {of('better-auth')} with its organization plugin, better-sqlite3 " \
               f"{of('better-sqlite3')}, Node {node.lstrip('v')}, one process"

    def fill(self) -> None:
        self.seed(["node", "seed.mjs", self.database], {}, self.home)

    def command(self, port: int) -> tuple:
        return ["node", "server.mjs", self.database, port], {"NODE_ENV": "production"}, self.home

    def post(self, path: str, who: dict, body: dict) -> tuple:
        method, path, headers, text = super().post(path, who, body)
        return (method, path, {**headers, "Origin": f"http://127.0.0.1:{self.process.port}"}, text)

    def work_me(self) -> list:
        return [self.get("/api/auth/get-session", who) for who in self.people()]

    def work_members(self) -> list:
        return [self.get(f"/api/auth/organization/list-members?organizationId={who['organization']}&limit=25", who)
                for who in self.owners()]

    def work_permission(self) -> list:
        return [self.post("/api/auth/organization/has-permission", who, {
            "organizationId": who["organization"], "permissions": {"ac": ["read"]}}) for who in self.people()]

    def work_cases(self) -> list:
        return [self.get(self.cases_path, who) for who in self.people()]

    def work_group_cases(self) -> list:
        return [self.get(f"/groups/{who['groups'][n % 5]}/cases", who) for n, who in enumerate(self.people())]

    def invite(self, who: dict, email: str) -> tuple:
        return self.post("/api/auth/organization/invite-member", who, {
            "email": email, "role": "member", "organizationId": who["organization"], "teamId": who["groups"][0]})

    def accept(self, who: dict) -> tuple:
        return self.post("/api/auth/organization/accept-invitation", who, {"invitationId": who["invitation"]})


class Django(Peer):
    key, title = "django", "Django"
    home = PEERS / "django"
    source = BENCH / "peers" / "django"
    cases_path = "/cases"
    csrf = "m" * 32

    @property
    def missing(self) -> str:
        return "" if (self.home / "installed").exists() else "could not be installed from PyPI"

    def version(self) -> str:
        pinned = [line for line in (self.source / "requirements.txt").read_text().split() if line]
        python = ".".join(map(str, sys.version_info[:3]))
        return f"{', '.join(pinned).replace('==', ' ')}, 2 workers of 4 threads, SQLite, Python {python}"

    def env(self) -> dict:
        return {"BENCH_DATABASE": str(self.database), "DJANGO_SETTINGS_MODULE": "settings",
                "PYTHONDONTWRITEBYTECODE": "1"}

    def fill(self) -> None:
        self.seed([self.home / "venv" / "bin" / "python", "seed.py"], self.env(), self.source)

    def command(self, port: int) -> tuple:
        # Threads, because gunicorn's plain workers close every connection after one answer.
        command = [self.home / "venv" / "bin" / "gunicorn", "clinic.wsgi", "--bind", f"127.0.0.1:{port}",
                   "--workers", 2, "--worker-class", "gthread", "--threads", 4, "--keep-alive", 120,
                   "--log-level", "error"]
        return command, self.env(), self.source

    def post(self, path: str, who: dict, body: dict) -> tuple:
        method, path, headers, text = super().post(path, who, body)
        token = {"Cookie": f"{headers['Cookie']}; csrftoken={self.csrf}", "X-CSRFToken": self.csrf}
        return (method, path, {**headers, **token}, text)

    def work_me(self) -> list:
        return [self.get("/me", who) for who in self.people()]

    def work_members(self) -> list:
        return [self.get(f"/accounts/{who['organization']}/members", who) for who in self.owners()]

    def work_permission(self) -> list:
        return [self.get(f"/groups/{who['groups'][n % 5]}", who) for n, who in enumerate(self.people())]

    def work_cases(self) -> list:
        return [self.get(self.cases_path, who) for who in self.people()]

    def work_group_cases(self) -> list:
        return [self.get(f"/groups/{who['groups'][n % 5]}/cases", who) for n, who in enumerate(self.people())]

    def invite(self, who: dict, email: str) -> tuple:
        return self.post(f"/accounts/{who['organization']}/invitations", who,
                         {"email": email, "group": who["groups"][0]})

    def accept(self, who: dict) -> tuple:
        return self.post(f"/invitations/{who['invitation']}/accept", who, {})


def for_peer(size: Shape, invitations: int) -> Shape:
    """The same organization, with as many waiting invitations as a slower server can use up."""
    return replace(size, invitations=invitations)
