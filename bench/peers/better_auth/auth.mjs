// The peer's set-up: Better Auth with its organization plugin on better-sqlite3, in the setting that is
// kindest to it: no rate limit, no limits of number, no telemetry, no mail, the log-ahead journal.

import { betterAuth } from "better-auth";
import { organization } from "better-auth/plugins";
import Database from "better-sqlite3";

// Signs the sessions of a database that is made for one measurement and deleted after it.
export const SECRET = "a secret for a measurement, known to everybody";

export function open(path) {
  const database = new Database(path);
  // Acknowledged writes are on the disk, as with the server that this one is measured beside.
  database.pragma("journal_mode = WAL");
  database.pragma("synchronous = FULL");
  database.pragma("mmap_size = 17179869184");
  database.pragma("cache_size = -16384");
  return database;
}

export function makeAuth(database, baseURL) {
  return betterAuth({
    baseURL,
    secret: SECRET,
    database,
    telemetry: { enabled: false },
    rateLimit: { enabled: false },
    logger: { level: "error" },
    emailAndPassword: { enabled: true },
    plugins: [
      organization({
        teams: { enabled: true },
        membershipLimit: 1_000_000,
        invitationLimit: 1_000_000,
        invitationExpiresIn: 7 * 24 * 3600,
      }),
    ],
  });
}
