#!/usr/bin/env bash
# Holds ten pages of the demo against Lighthouse, as on a phone: 95 or more in each of its four categories, and at most
# 60 kB over the wire for the first view. Prints a table; fails with what is missed.
#
#   tests/lighthouse.sh               builds a release first
#   COVEY=path tests/lighthouse.sh    with this binary
set -euo pipefail
cd "$(dirname "$0")/.."
tools=$PWD/tests/.tools/lighthouse
lighthouse=12.8.2

fail() { printf 'tests/lighthouse.sh: %s\n' "$*" >&2; exit 1; }
for program in node npm curl chromium python3; do
  command -v "$program" >/dev/null || fail "$program is missing (scripts/test installs it)"
done
if [ "$(cat "$tools/installed" 2>/dev/null)" != "$lighthouse" ]; then
  npm install --silent --no-save --no-audit --no-fund --prefix "$tools" "lighthouse@$lighthouse"
  printf '%s' "$lighthouse" >"$tools/installed"
fi
if [ -z "${COVEY:-}" ]; then
  cargo build --release --quiet
  COVEY=${CARGO_TARGET_DIR:-target}/release/covey
fi

folder=$(mktemp -d)
"$COVEY" serve --demo --data "$folder/data" --listen 127.0.0.1:0 >"$folder/log" 2>&1 &
server=$!
end() { kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; rm -rf "$folder"; }
trap end EXIT
for _ in $(seq 600); do
  base=$(sed -n 's/^listening on //p' "$folder/log")
  [ -n "$base" ] && break
  kill -0 "$server" 2>/dev/null || fail "the server ended: $(cat "$folder/log")"
  sleep 0.2
done
[ -n "$base" ] || fail 'the server never listened'

# A session of the owner, and the pages of one account and one of its groups.
curl -sf -D "$folder/head" -o "$folder/me" "$base/api/v1/sign-in" -H 'Content-Type: application/json' \
  -d '{"email":"miriam.okafor@riverside.example","password":"seven blue herons"}'
cookie=$(sed -n 's/^set-cookie: \([^;]*\).*/\1/ip' "$folder/head" | tr -d '\r' | paste -sd ';')
printf '{"Cookie":"%s"}' "$cookie" >"$folder/headers.json"
read -r account group case < <(curl -sf -H "Cookie: $cookie" "$base/api/v1/me" | python3 -c '
import json, sys
first = json.load(sys.stdin)["accounts"][0]
held = lambda each, name: each[name]["id"] if isinstance(each[name], dict) else each[name]
print(held(first, "account"), held(first["groups"][0], "group"))') || true
[ -n "${group:-}" ] || fail 'the demo has no group'
case=$(curl -sf -H "Cookie: $cookie" "$base/api/v1/groups/$group/cases?limit=1" \
  | python3 -c 'import json, sys; print(json.load(sys.stdin)["items"][0]["id"])')

# All of a signed-in person: what anyone can open is kept out of search engines on purpose, which Lighthouse counts as lost.
pages="/a/$account/groups /g/$group /g/$group/cases /g/$group/cases/$case /g/$group/clients /a/$account/users
  /a/$account/dashboard /a/$account/user-groups /a/$account/handouts /a/$account/requests"
missed=0
printf '%-46s %5s %5s %5s %5s %8s\n' page perf a11y best seo kB
for page in $pages; do
  # On a busy machine the browser's trace may miss its beginning.
  for attempt in 1 2 3; do
    "$tools/node_modules/.bin/lighthouse" "$base$page" --quiet --output=json --output-path="$folder/report.json" \
      --only-categories=performance,accessibility,best-practices,seo --extra-headers "$folder/headers.json" \
      --chrome-flags='--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --disable-background-networking' \
      >"$folder/lighthouse" 2>&1 && break
    [ "$attempt" = 3 ] && fail "Lighthouse failed on $page: $(tail -n 5 "$folder/lighthouse")"
  done
  python3 - "$page" "$folder/report.json" <<'PYTHON' || missed=1
import json, re, sys
page, report = sys.argv[1], json.load(open(sys.argv[2]))
scores = [round(report["categories"][name]["score"] * 100)
          for name in ("performance", "accessibility", "best-practices", "seo")]
bytes_ = sum(item["transferSize"] for item in report["audits"]["network-requests"]["details"]["items"])
short = re.sub(r"_[0-9a-z]{26}", "_…", page)
print(f"{short:46} " + " ".join(f"{score:5}" for score in scores) + f" {bytes_ / 1000:8.1f}", flush=True)
if min(scores) < 95 or bytes_ > 60_000:
    lost = [f"{audit['id']}: {audit['title']}" for audit in report["audits"].values()
            if audit.get("score") is not None and audit["score"] < 0.9 and audit["scoreDisplayMode"] != "informative"]
    print("   missed: " + "; ".join(lost))
    sys.exit(1)
PYTHON
done
exit $missed
