"""Holds recorded answers, and the document's own examples, against the API document.

usage: check.py DOCUMENT ANSWERS   (a JSON object a line: id, status, media, headers, body, sent)
"""

import json
import sys

import jsonschema_rs

document = json.load(open(sys.argv[1]))
METHODS = ("get", "put", "post", "patch", "delete")
operations = {
    operation["operationId"]: operation
    for item in document["paths"].values()
    for method, operation in item.items()
    if method in METHODS
}
faults = []


def resolved(value):
    while isinstance(value, dict) and "$ref" in value:
        at = document
        for part in value["$ref"][2:].split("/"):
            at = at[part]
        value = at
    return value


def check(schema, value, what):
    whole = {**schema, "components": document["components"]}
    for error in jsonschema_rs.Draft202012Validator(whole, validate_formats=True).iter_errors(value):
        path = "/".join(map(str, error.instance_path))
        faults.append(f"{what}: at {path or 'the whole'}: {error.message[:300]}")


def closed(schema):
    """An answer may have no field that its schema doesn't name."""
    schema = resolved(schema)
    if "allOf" in schema:
        return set().union(*(closed(part) or set() for part in schema["allOf"]))
    return set(schema["properties"]) if "properties" in schema else None


def unnamed(schema, value, what):
    schema = resolved(schema)
    for option in schema.get("oneOf", []):
        if resolved(option).get("type") != "null" and value is not None:
            unnamed(option, value, what)
    if isinstance(value, list) and isinstance(schema.get("items"), dict):
        for item in value:
            unnamed(schema["items"], item, what)
    if isinstance(value, dict):
        named = closed(schema)
        if named is not None and set(value) - named:
            faults.append(f"{what}: the schema doesn't name {sorted(set(value) - named)}")
        parts = schema.get("allOf", [schema])
        for part in parts:
            for name, field in resolved(part).get("properties", {}).items():
                if name in value:
                    unnamed(field, value[name], f"{what}.{name}")


def answer(line):
    operation, what = operations[line["id"]], f"{line['id']} {line['status']}"
    response = resolved(operation["responses"].get(str(line["status"])))
    if response is None:
        faults.append(f"{what}: this status is not in the document")
        return
    content = response.get("content", {})
    if line["media"] and line["media"] not in content and "*/*" not in content:
        faults.append(f"{what}: {line['media']} is not in the document")
    if content and not line["media"]:
        faults.append(f"{what}: there is no body")
    schema = content.get(line["media"], {}).get("schema")
    if schema and line["media"] == "application/x-ndjson":
        for row in line["body"]:
            check(schema["contentSchema"], row, what)
            unnamed(schema["contentSchema"], row, what)
    elif schema and line["media"].endswith("json"):
        check(schema, line["body"], what)
        unnamed(schema, line["body"], what)
    for header in ("location", "etag"):
        named = header in {name.lower() for name in response.get("headers", {})}
        if header in line["headers"] and not named:
            faults.append(f"{what}: the header {header} is not in the document")


def examples(where, content):
    for media, found in (content or {}).items():
        if "example" in found:
            check(found["schema"], found["example"], f"example of {where} {media}")


for name, operation in operations.items():
    examples(name, operation.get("requestBody", {}).get("content"))
    for status, response in operation["responses"].items():
        examples(f"{name} {status}", resolved(response).get("content"))
count = 0
for line in open(sys.argv[2]):
    count += 1
    answer(json.loads(line))
print(f"{len(operations)} operations, {count} answers, {len(faults)} faults")
print("\n".join(faults))
sys.exit(1 if faults else 0)
