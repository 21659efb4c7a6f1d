"""Fills a fresh database: seed.py SHAPE FIXTURE, with BENCH_DATABASE in the environment.

SHAPE is a JSON file with the numbers and names that every server gets; FIXTURE takes what the requests
need afterwards. Sessions are inserted as Django would make them, so that no password is hashed.
"""

import json
import os
import sys
import uuid
from datetime import timedelta

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.contrib.sessions.models import Session  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402
from organizations.models import (  # noqa: E402
    Organization, OrganizationInvitation, OrganizationOwner, OrganizationUser,
)

from clinic.models import Case, Group, GroupMember, InvitedInto, Location, Protocol  # noqa: E402

NOW = timezone.now()
STORE = SessionStore()


def user(name, email):
    first, _, last = name.partition(" ")
    return User(username=email, email=email, first_name=first, last_name=last, password="!")


def cookie(session):
    return f"sessionid={session.session_key}"


def session(of):
    data = {
        "_auth_user_id": str(of.pk),
        "_auth_user_backend": "django.contrib.auth.backends.ModelBackend",
        "_auth_user_hash": of.get_session_auth_hash(),
    }
    return Session(session_key=uuid.uuid4().hex, session_data=STORE.encode(data), expire_date=NOW + timedelta(days=14))


def organization(name, people):
    """An organization of these people, of whom the first owns it."""
    made = Organization.objects.create(name=name, slug=name.lower().replace(" ", "-"))
    users = User.objects.bulk_create(people)
    rows = OrganizationUser.objects.bulk_create(
        OrganizationUser(organization=made, user=one, is_admin=m == 0) for m, one in enumerate(users)
    )
    OrganizationOwner.objects.create(organization=made, organization_user=rows[0])
    return made, users


def groups(of, names):
    return Group.objects.bulk_create(Group(organization=of, name=name) for name in names)


def join(pairs):
    GroupMember.objects.bulk_create(GroupMember(group=group, user=one, is_admin=admin) for group, one, admin in pairs)


def practice(number, shape, fixture):
    made, users = organization(f"Practice {number}", [user(*one) for one in shape["people"][number]])
    teams = groups(made, shape["group_names"][: shape["groups"]])
    join((team, one, m == 0) for team in teams for m, one in enumerate(users))
    sessions = Session.objects.bulk_create(session(one) for one in users)
    for m, one in enumerate(sessions):
        fixture["people"].append({"cookie": cookie(one), "owner": m == 0, "organization": made.pk,
                                  "groups": [team.pk for team in teams]})
    return {"organization": made, "groups": teams, "users": users}


def wide_practice(shape, fixture):
    counts = shape["wide_memberships"]
    people = [user("Wide Owner", "owner@wide.example")]
    people += [user(f"Member of {count}", f"member{count}@wide.example") for count in counts]
    made, users = organization("Practice of many groups", people)
    teams = groups(made, [f"Group {g}" for g in range(shape["wide_groups"])])
    for count, one in zip(counts, users[1:]):
        join((team, one, False) for team in teams[:count])
        [kept] = Session.objects.bulk_create([session(one)])
        fixture["wide"].append({"groups": count, "cookie": cookie(kept)})
    return {"organization": made, "groups": teams, "users": users[:1]}


def cases(practices, per_group, shape):
    for one in practices:
        one["protocols"] = Protocol.objects.bulk_create(
            Protocol(organization=one["organization"], name=name) for name in shape["protocols"])
        one["locations"] = Location.objects.bulk_create(Location(group=group, name="Main house") for group in one["groups"])
    fields = [field.column for field in Case._meta.concrete_fields if field.column != "id"]
    marks = ", ".join("%s" for _ in fields)
    statement = f"INSERT INTO {Case._meta.db_table} ({', '.join(fields)}) VALUES ({marks})"
    now = NOW.replace(tzinfo=None).isoformat(" ")
    with connection.cursor() as cursor:
        for number in range(1, per_group + 1):
            cursor.executemany(statement, [row for one in practices for row in case_rows(one, number, fields, now)])


def case_rows(one, number, fields, now):
    is_open = number % 5 != 0
    for group, location in zip(one["groups"], one["locations"]):
        values = {
            "group_id": group.pk, "number": number, "location_id": location.pk,
            "protocol_id": one["protocols"][number % len(one["protocols"])].pk,
            "name": f"Patient {number:05} of the practice", "status": "open" if is_open else "closed",
            "created_by_id": one["users"][number % len(one["users"])].pk,
            "created_at": now, "updated_at": now, "closed_at": None if is_open else now,
        }
        yield [values[field] for field in fields]


def joining(shape, fixture):
    takers = []
    for number in range(shape["joining"]):
        made, [owner] = organization(
            f"Growing practice {number}", [user(f"Growing Owner {number}", f"owner{number}@growing.example")])
        [team] = groups(made, ["Equine"])
        join([(team, owner, True)])
        [kept] = Session.objects.bulk_create([session(owner)])
        fixture["owners"].append({"cookie": cookie(kept), "organization": made.pk, "group": team.pk})
        takers.append((made, team, owner))
    people = User.objects.bulk_create(
        user(f"Joiner {number}", f"joiner{number}@clinic.example") for number in range(shape["invitations"]))
    sessions = Session.objects.bulk_create(session(one) for one in people)
    chosen = [takers[number % len(takers)] for number in range(len(people))]
    invitations = OrganizationInvitation.objects.bulk_create(
        OrganizationInvitation(guid=uuid.uuid4(), organization=made, invitee_identifier=one.email, invited_by=owner)
        for one, (made, _, owner) in zip(people, chosen))
    InvitedInto.objects.bulk_create(
        InvitedInto(invitation=invitation, group=team) for invitation, (_, team, _) in zip(invitations, chosen))
    for kept, invitation in zip(sessions, invitations):
        fixture["joiners"].append({"cookie": cookie(kept), "invitation": str(invitation.guid)})


def main(shape_path, fixture_path):
    with open(shape_path, encoding="utf-8") as file:
        shape = json.load(file)
    call_command("migrate", run_syncdb=True, verbosity=0)
    fixture = {"people": [], "wide": [], "owners": [], "joiners": []}
    with transaction.atomic():
        practices = [practice(number, shape, fixture) for number in range(len(shape["people"]))]
        cases(practices, shape["cases_per_group"], shape)
        if shape["wide_groups"]:
            cases([wide_practice(shape, fixture)], shape["wide_cases_per_group"], shape)
        joining(shape, fixture)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with open(fixture_path, "w", encoding="utf-8") as file:
        json.dump(fixture, file)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
