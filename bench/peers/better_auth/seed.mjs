// Fills a fresh database: node seed.mjs DATABASE SHAPE FIXTURE. SHAPE is a JSON file with the numbers
// and names that every server gets; FIXTURE takes what the requests need afterwards. Sessions are
// inserted as the server would make them, so that no password is hashed.

import { createHmac, randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { getMigrations } from "better-auth/db/migration";
import { SECRET, makeAuth, open } from "./auth.mjs";

const [, , path, shapePath, fixturePath] = process.argv;
const shape = JSON.parse(readFileSync(shapePath, "utf8"));
const database = open(path);
const auth = makeAuth(database, "http://127.0.0.1");
const { runMigrations } = await getMigrations(auth.options);
await runMigrations();

// What a practice's own tables would be, keyed for the listing.
database.exec(`
  CREATE TABLE protocols (id INTEGER PRIMARY KEY, organizationId TEXT NOT NULL, name TEXT NOT NULL);
  CREATE TABLE locations (id INTEGER PRIMARY KEY, teamId TEXT NOT NULL, name TEXT NOT NULL);
  CREATE TABLE cases (
    id INTEGER PRIMARY KEY, organizationId TEXT NOT NULL, teamId TEXT NOT NULL, number INTEGER NOT NULL,
    protocolId INTEGER NOT NULL, locationId INTEGER NOT NULL, name TEXT NOT NULL, status TEXT NOT NULL,
    createdBy TEXT NOT NULL, createdAt TEXT NOT NULL, updatedAt TEXT NOT NULL, closedAt TEXT);
  CREATE INDEX cases_by_team ON cases (teamId, id);
`);
// The plugin's own look-ups by two fields get the index that its documentation advises.
database.exec(`
  CREATE INDEX IF NOT EXISTS bench_member ON member (organizationId, userId);
  CREATE INDEX IF NOT EXISTS bench_team_member ON teamMember (userId, teamId);
`);

const now = new Date().toISOString();
const inAWeek = new Date(Date.now() + 7 * 24 * 3600 * 1000).toISOString();
const columns = (table) => database.pragma(`table_info(${table})`).map((column) => column.name);
const id = () => randomBytes(24).toString("base64url").slice(0, 32);

// Inserts an object by the columns that this version of the schema really has.
const inserts = new Map();
function insert(table, row) {
  if (!inserts.has(table)) {
    const known = columns(table).filter((column) => column in row);
    const names = known.map((column) => `"${column}"`).join(", ");
    const marks = known.map(() => "?").join(", ");
    inserts.set(table, [known, database.prepare(`INSERT INTO "${table}" (${names}) VALUES (${marks})`)]);
  }
  const [known, statement] = inserts.get(table);
  return statement.run(known.map((column) => row[column])).lastInsertRowid;
}

function user(name, email) {
  const row = { id: id(), name, email, emailVerified: 1, createdAt: now, updatedAt: now };
  insert("user", row);
  return row.id;
}

// The cookie is the token and its signature, as the library signs it.
function session(userId, organizationId) {
  const token = id();
  insert("session", {
    id: id(), token, userId, expiresAt: inAWeek, createdAt: now, updatedAt: now, ipAddress: "", userAgent: "bench",
    activeOrganizationId: organizationId ?? null, activeTeamId: null,
  });
  const signature = createHmac("sha256", SECRET).update(token).digest("base64");
  return `better-auth.session_token=${encodeURIComponent(`${token}.${signature}`)}`;
}

function organizationOf(name) {
  const row = { id: id(), name, slug: name.toLowerCase().replaceAll(" ", "-"), createdAt: now, metadata: null };
  insert("organization", row);
  return row.id;
}

const member = (organizationId, userId, role) => insert("member", { id: id(), organizationId, userId, role, createdAt: now });

function team(organizationId, name) {
  const row = { id: id(), name, memberCount: 0, organizationId, createdAt: now, updatedAt: now };
  insert("team", row);
  return row.id;
}

const teamMember = (teamId, userId) => insert("teamMember", { id: id(), teamId, userId, createdAt: now });

const fixture = { people: [], wide: [], owners: [], joiners: [] };

function practice(number) {
  const organizationId = organizationOf(`Practice ${number}`);
  const users = shape.people[number].map(([name, email]) => user(name, email));
  users.forEach((userId, m) => member(organizationId, userId, m === 0 ? "owner" : "member"));
  const teams = shape.group_names.slice(0, shape.groups).map((name) => team(organizationId, name));
  for (const teamId of teams) users.forEach((userId) => teamMember(teamId, userId));
  users.forEach((userId, m) => fixture.people.push({
    cookie: session(userId, organizationId), owner: m === 0, organization: organizationId, groups: teams,
  }));
  return { organizationId, teams, users };
}

function widePractice() {
  const organizationId = organizationOf("Practice of many groups");
  const owner = user("Wide Owner", "owner@wide.example");
  member(organizationId, owner, "owner");
  const teams = Array.from({ length: shape.wide_groups }, (_, g) => team(organizationId, `Group ${g}`));
  for (const count of shape.wide_memberships) {
    const userId = user(`Member of ${count}`, `member${count}@wide.example`);
    member(organizationId, userId, "member");
    teams.slice(0, count).forEach((teamId) => teamMember(teamId, userId));
    fixture.wide.push({ groups: count, cookie: session(userId, organizationId) });
  }
  return { organizationId, teams, users: [owner] };
}

function cases(practices, perGroup) {
  for (const one of practices) {
    one.protocols = shape.protocols.map((name) => insert("protocols", { organizationId: one.organizationId, name }));
    one.locations = one.teams.map((teamId) => insert("locations", { teamId, name: "Main house" }));
  }
  for (let number = 1; number <= perGroup; number++) {
    const open = number % 5 !== 0;
    for (const { organizationId, teams, users, protocols, locations } of practices) {
      teams.forEach((teamId, g) => insert("cases", {
        organizationId, teamId, number, protocolId: protocols[number % protocols.length], locationId: locations[g],
        name: `Patient ${String(number).padStart(5, "0")} of the practice`, status: open ? "open" : "closed",
        createdBy: users[number % users.length], createdAt: now, updatedAt: now, closedAt: open ? null : now,
      }));
    }
  }
}

function joining() {
  const takers = Array.from({ length: shape.joining }, (_, number) => {
    const organizationId = organizationOf(`Growing practice ${number}`);
    const owner = user(`Growing Owner ${number}`, `owner${number}@growing.example`);
    member(organizationId, owner, "owner");
    const teamId = team(organizationId, "Equine");
    teamMember(teamId, owner);
    fixture.owners.push({ cookie: session(owner, organizationId), organization: organizationId, group: teamId });
    return { organizationId, teamId, owner };
  });
  for (let number = 0; number < shape.invitations; number++) {
    const { organizationId, teamId, owner } = takers[number % takers.length];
    const email = `joiner${number}@clinic.example`;
    const userId = user(`Joiner ${number}`, email);
    const invitation = id();
    insert("invitation", {
      id: invitation, organizationId, email, role: "member", teamId, status: "pending", expiresAt: inAWeek,
      createdAt: now, inviterId: owner,
    });
    fixture.joiners.push({ cookie: session(userId, null), invitation });
  }
}

database.transaction(() => {
  const practices = shape.people.map((_, number) => practice(number));
  cases(practices, shape.cases_per_group);
  if (shape.wide_groups > 0) cases([widePractice()], shape.wide_cases_per_group);
  joining();
  database.exec(`UPDATE team SET memberCount = (SELECT count(*) FROM teamMember m WHERE m.teamId = team.id)`);
})();
database.pragma("wal_checkpoint(TRUNCATE)");
database.close();
writeFileSync(fixturePath, JSON.stringify(fixture));
