// The peer's server: node server.mjs DATABASE PORT. The library answers its own paths; the listings of
// cases, which it has no word for, are prepared queries behind its session check.

import { createServer } from "node:http";
import { fromNodeHeaders, toNodeHandler } from "better-auth/node";
import { makeAuth, open } from "./auth.mjs";

const [, , path, port] = process.argv;
const database = open(path);
const auth = makeAuth(database, `http://127.0.0.1:${port}`);
const library = toNodeHandler(auth);

const COLUMNS = `SELECT c.id, c.organizationId, c.teamId, t.name AS teamName, c.number, c.name, c.status,
  c.protocolId, p.name AS protocolName, c.locationId, l.name AS locationName, c.createdBy, u.name AS creatorName,
  c.createdAt, c.updatedAt, c.closedAt`;
const NAMES = `CROSS JOIN team t ON t.id = c.teamId CROSS JOIN protocols p ON p.id = c.protocolId
  CROSS JOIN locations l ON l.id = c.locationId CROSS JOIN user u ON u.id = c.createdBy`;

// The newest are found first, each group bounded to one page; names are taken for those alone. CROSS JOIN
// keeps the written order, which the planner would give up for a worse one.
const visible = database.prepare(`${COLUMNS}
  FROM (SELECT c.id FROM teamMember m CROSS JOIN cases c ON c.teamId = m.teamId
          AND c.id >= COALESCE((SELECT x.id FROM cases x WHERE x.teamId = m.teamId ORDER BY x.id DESC LIMIT 1 OFFSET 24), 0)
        WHERE m.userId = ? ORDER BY c.id DESC LIMIT 25) n
  CROSS JOIN cases c ON c.id = n.id ${NAMES} ORDER BY c.id DESC`);
const ofGroup = database.prepare(`${COLUMNS} FROM cases c ${NAMES}
  WHERE c.teamId = @group AND EXISTS (SELECT 1 FROM teamMember m WHERE m.teamId = @group AND m.userId = @user)
  ORDER BY c.id DESC LIMIT 25`);

function answer(response, status, body) {
  const text = JSON.stringify(body);
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
  response.end(text);
}

async function listing(request, response) {
  const session = await auth.api.getSession({ headers: fromNodeHeaders(request.headers) });
  if (!session) return answer(response, 401, { error: "not signed in" });
  const group = request.url.match(/^\/groups\/([^/]+)\/cases$/)?.[1];
  const items = group ? ofGroup.all({ group, user: session.user.id }) : visible.all(session.user.id);
  return answer(response, 200, { items, nextCursor: items.at(-1)?.id ?? null });
}

const server = createServer((request, response) => {
  const handled = request.url.startsWith("/api/auth/") ? library(request, response) : listing(request, response);
  handled.catch((error) => answer(response, 500, { error: String(error) }));
});
server.keepAliveTimeout = 120_000;
server.listen(Number(port), "127.0.0.1", () => console.log(`listening on http://127.0.0.1:${port}`));
process.on("SIGTERM", () => process.exit(0));
