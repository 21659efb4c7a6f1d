"""Fills a Covey database with the organization of shape.py, by its tables.

The server has made the schema and its first account; the audit trail stays as it is, for an account
without events has an empty chain. Ids are UUIDv7, made in the order of creation.
"""

import base64
import hashlib
import sqlite3
import time
from pathlib import Path

import shape as names
from shape import Shape

ALPHABET = "0123456789abcdefghijklmnopqrstuv"
DAY = 24 * 3600 * 1_000_000


def written(prefix: str, identifier: bytes) -> str:
    """The form outside the database: 25 groups of five bits, and the last three bits in the high ones."""
    value = int.from_bytes(identifier, "big") << 2
    letters = [ALPHABET[(value >> shift) & 31] for shift in range(125, -1, -5)]
    return f"{prefix}_{''.join(letters)}"


def secret(kind: str, number: int) -> str:
    """A token that is the same at every run, so that a request can be written without asking."""
    digest = hashlib.sha256(f"{kind} {number}".encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


class Ids:
    """UUIDv7 in ascending order, a microsecond apart, ending about now."""

    def __init__(self, start: int):
        self.micros = start
        self.number = 0

    def next(self) -> bytes:
        self.micros += 1
        self.number += 1
        millis, fraction = divmod(self.micros, 1000)
        head = (millis << 16) | 0x7000 | (fraction * 4096 // 1000)
        tail = (0b10 << 62) | (hash((self.number, 7)) & ((1 << 62) - 1))
        return head.to_bytes(8, "big") + tail.to_bytes(8, "big")


class Seeding:
    """One filling of one database; `fixture` is what the requests need to know afterwards."""

    def __init__(self, path: Path, size: Shape):
        self.db = sqlite3.connect(path, isolation_level=None)
        self.size = size
        self.now = time.time_ns() // 1000
        self.ids = Ids(self.now - 30 * DAY)
        self.sessions = 0
        self.fixture = {"people": [], "wide": [], "owners": [], "joiners": []}

    def run(self) -> dict:
        self.db.executescript("PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -262144;")
        self.db.execute("BEGIN")
        clinics = [self.organization(number) for number in range(self.size.organizations)]
        self.cases(clinics, self.size.cases_per_group)
        if self.size.wide_groups:
            wide = self.wide_organization()
            self.cases([wide], self.size.wide_cases_per_group)
        self.joining()
        self.subscriptions()
        self.db.execute("COMMIT")
        self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.db.close()
        return self.fixture

    def insert(self, table: str, columns: str, rows: list) -> None:
        marks = ", ".join("?" for _ in columns.split(","))
        self.db.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)

    def account(self, name: str) -> bytes:
        """An account that is known to be a practice: others may send little mail."""
        account, now = self.ids.next(), self.ids.micros
        self.insert("accounts", "id, kind, name, name_key, practice_kind, practice_details, time_zone, created_at, admitted_at, version",
                    [(account, "group", name, name.lower(), "veterinary", "", "UTC", now, now, 1)])
        return account

    def user(self, name: str, email: str) -> bytes:
        user = self.ids.next()
        self.insert("users", "id, email, email_key, name, name_key, user_type, created_at, version",
                    [(user, email, email, name, name.lower(), "veterinarian", self.ids.micros, 1)])
        return user

    def session(self, user: bytes) -> str:
        self.sessions += 1
        token = secret("session", self.sessions)
        self.insert("sessions", "token_hash, id, user_id, created_at, seen_at, expires_at, device, address",
                    [(digest(token), self.ids.next(), user, self.now, self.now, self.now + 14 * DAY, "bench", "local")])
        return token

    def member(self, account: bytes, user: bytes, role: str) -> None:
        self.insert("members", "account_id, id, user_id, role, since",
                    [(account, self.ids.next(), user, role, self.ids.micros)])

    def group(self, account: bytes, number: int, cases: int) -> bytes:
        group, name = self.ids.next(), names.group_name(number)
        self.insert("groups", "account_id, id, name, name_key, description, cases_made, created_at, version",
                    [(account, group, name, name.lower(), "", cases, self.ids.micros, 1)])
        return group

    def group_member(self, account: bytes, group: bytes, user: bytes, role: str) -> None:
        self.insert("group_members", "account_id, group_id, id, user_id, role, since",
                    [(account, group, self.ids.next(), user, role, self.ids.micros)])

    def location(self, account: bytes, group: bytes) -> bytes:
        location = self.ids.next()
        self.insert("locations", "account_id, group_id, id, name, name_key, address, created_at, version",
                    [(account, group, location, "Main house", "main house", "", self.ids.micros, 1)])
        return location

    def protocols(self, account: bytes) -> list:
        made = [(account, self.ids.next(), name, name.lower()) for name in names.PROTOCOLS]
        self.insert("protocols", "account_id, id, name, name_key", made)
        return [row[1] for row in made]

    def organization(self, number: int) -> dict:
        account = self.account(f"Practice {number}")
        users = [self.user(names.person_name(number, m), names.person_email(number, m))
                 for m in range(self.size.members)]
        for m, user in enumerate(users):
            self.member(account, user, "owner" if m == 0 else "member")
        groups = [self.group(account, g, self.size.cases_per_group) for g in range(self.size.groups)]
        for group in groups:
            for m, user in enumerate(users):
                self.group_member(account, group, user, "administrator" if m == 0 else "member")
        for m, user in enumerate(users):
            self.fixture["people"].append({
                "token": self.session(user), "owner": m == 0, "account": written("acc", account),
                "groups": [written("grp", group) for group in groups],
            })
        return {"account": account, "groups": groups, "users": users}

    def wide_organization(self) -> dict:
        account = self.account("Practice of many groups")
        owner = self.user("Wide Owner", "owner@wide.example")
        self.member(account, owner, "owner")
        groups = [self.group(account, g, self.size.wide_cases_per_group) for g in range(self.size.wide_groups)]
        for count in names.WIDE_MEMBERSHIPS:
            user = self.user(f"Member of {count}", f"member{count}@wide.example")
            self.member(account, user, "member")
            for group in groups[:count]:
                self.group_member(account, group, user, "member")
            self.fixture["wide"].append({"groups": count, "token": self.session(user)})
        return {"account": account, "groups": groups, "users": [owner]}

    def cases(self, clinics: list, per_group: int) -> None:
        """Cases of all groups in turn, as practices make them; written in the order of the table's key."""
        rows = []
        for clinic in clinics:
            clinic["protocols"] = self.protocols(clinic["account"])
            clinic["locations"] = [self.location(clinic["account"], group) for group in clinic["groups"]]
        for number in range(1, per_group + 1):
            for clinic in clinics:
                rows.extend(self.case(clinic, g, number) for g in range(len(clinic["groups"])))
        rows.sort(key=lambda row: row[:3])
        self.insert("cases", "account_id, group_id, id, number, protocol_id, location_id, name, search, status, "
                    "created_by, created_at, updated_at, closed_at, version", rows)

    def case(self, clinic: dict, group: int, number: int) -> tuple:
        name, is_open = names.case_name(number), names.is_open(number)
        identifier = self.ids.next()
        at = self.ids.micros
        return (clinic["account"], clinic["groups"][group], identifier, number,
                clinic["protocols"][number % len(clinic["protocols"])], clinic["locations"][group],
                name, f"#{number} {name.lower()}", "open" if is_open else "closed",
                clinic["users"][number % len(clinic["users"])], at, at, None if is_open else at, 1)

    def joining(self) -> None:
        """Organizations that take people in: an owner, a group, and known people who were invited."""
        takers = [self.taker(number) for number in range(self.size.joining)]
        for number in range(self.size.invitations):
            account, group, owner = takers[number % len(takers)]
            self.joiner(number, account, group, owner)

    def taker(self, number: int) -> tuple:
        account = self.account(f"Growing practice {number}")
        owner = self.user(f"Growing Owner {number}", f"owner{number}@growing.example")
        self.member(account, owner, "owner")
        group = self.group(account, 0, 0)
        self.group_member(account, group, owner, "administrator")
        self.fixture["owners"].append({"token": self.session(owner), "account": written("acc", account),
                                       "group": written("grp", group)})
        return account, group, owner

    def joiner(self, number: int, account: bytes, group: bytes, owner: bytes) -> None:
        email, link = names.joiner_email(number), secret("invitation", number)
        user, invitation = self.user(f"Joiner {number}", email), self.ids.next()
        self.insert("invitations", "account_id, id, email, email_key, role, user_type, state, invited_by, "
                    "created_at, sent_at, expires_at",
                    [(account, invitation, email, email, "member", "veterinarian", "pending", owner,
                      self.now, self.now, self.now + 7 * DAY)])
        self.insert("invitation_groups", "account_id, invitation_id, group_id, role, given_by",
                    [(account, invitation, group, "member", owner)])
        self.insert("invitation_links", "token_hash, account_id, invitation_id, created_at, handed_out",
                    [(digest(link), account, invitation, self.now, False)])
        self.fixture["joiners"].append({"token": self.session(user), "link": link})


    def subscriptions(self) -> None:
        """A subscription for every account, with plenty of licenses, and who takes them."""
        lacking = "(SELECT account_id FROM subscriptions)"
        self.db.execute(f"""INSERT INTO license_counts (account_id, kind, total, used, reserved)
            SELECT a.id, 'license', 1000000,
                   (SELECT count(*) FROM members m WHERE m.account_id = a.id AND m.until IS NULL),
                   (SELECT count(*) FROM invitations i WHERE i.account_id = a.id AND i.state = 'pending')
            FROM accounts a WHERE a.id NOT IN {lacking}""")
        self.db.execute(f"""INSERT INTO license_counts (account_id, kind, total, used, reserved)
            SELECT id, 'support_staff', 1, 0, 0 FROM accounts WHERE id NOT IN {lacking}""")
        self.db.execute(f"""INSERT INTO license_holders (account_id, id, user_id, since)
            SELECT account_id, id, user_id, since FROM members WHERE account_id NOT IN {lacking}""")
        self.db.execute(f"""INSERT INTO license_reservations (account_id, invitation_id, kind, expires_at)
            SELECT account_id, id, 'license', expires_at FROM invitations WHERE account_id NOT IN {lacking}""")
        self.db.execute(f"""INSERT INTO subscriptions (account_id, id, state, plan, billed, currency, tiers, price,
                anchor_at, period, period_start, period_end, exact, charged, ends_at_renewal, version)
            SELECT id, randomblob(16), 'active', 'pro', 'year', 'USD', '[]', 0, {self.now}, 0, {self.now},
                   {self.now + 365 * DAY}, 0, 0, 0, 1 FROM accounts WHERE id NOT IN {lacking}""")


def fill(path: Path, size: Shape) -> dict:
    """Fills the database at `path`; gives what requests need: tokens, ids, links."""
    return Seeding(path, size).run()
