// The main job through a generated client: sign in, create a group, a location, a case, invite someone.
import createClient from "openapi-fetch";
import type { paths } from "./schema.js";

const [, , base, email, password, account, protocol] = process.argv as string[];

async function main(): Promise<void> {
  const anyone = createClient<paths>({ baseUrl: `${base}/api/v1` });
  const signedIn = await anyone.POST("/sign-in", { body: { email: email!, password: password! } });
  if (!signedIn.data) throw new Error(JSON.stringify(signedIn.error));
  const covey = createClient<paths>({
    baseUrl: `${base}/api/v1`,
    headers: { Authorization: `Bearer ${signedIn.data.token}` },
  });
  const group = await covey.POST("/accounts/{account}/groups", {
    params: { path: { account: account! }, header: { "Idempotency-Key": "group-1" } },
    body: { name: "Willow Bend" },
  });
  if (!group.data) throw new Error(JSON.stringify(group.error));
  const member = await covey.PUT("/groups/{group}/members/{user}", {
    params: { path: { group: group.data.id, user: signedIn.data.user.id } },
    body: { role: "administrator" },
  });
  if (member.error) throw new Error(JSON.stringify(member.error));
  const location = await covey.POST("/groups/{group}/locations", {
    params: { path: { group: group.data.id } },
    body: { name: "Main parlor" },
  });
  if (!location.data) throw new Error(JSON.stringify(location.error));
  const made = await covey.POST("/groups/{group}/cases", {
    params: { path: { group: group.data.id } },
    body: { protocol: protocol!, location: location.data.id, name: "Juno" },
  });
  if (!made.data) throw new Error(JSON.stringify(made.error));
  const status: "open" | "closed" = made.data.status;
  const invited = await covey.POST("/groups/{group}/invitations", {
    params: { path: { group: group.data.id } },
    body: { emails: "typed@x.test", role: "member" },
  });
  const outcome = invited.data?.outcomes[0]?.outcome;
  if (outcome !== "invited") throw new Error(JSON.stringify(invited.error ?? invited.data));
  const missing = await covey.GET("/cases/{case}", { params: { path: { case: "cas_0" } } });
  if (missing.error?.code !== "not_found") throw new Error("a case that isn't there");
  console.log(`${made.data.name} is ${status} in ${made.data.group.name}`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
