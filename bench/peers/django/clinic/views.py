"""The same answers as JSON, written as Django projects write them: ORM queries, no tricks."""

import json

from django.db import transaction
from django.http import JsonResponse
from django.shortcuts import get_object_or_404
from organizations.models import Organization, OrganizationInvitation, OrganizationUser

from clinic.models import Case, Group, GroupMember, InvitedInto


def signed_in(view):
    def checked(request, *args, **kwargs):
        if not request.user.is_authenticated:
            return JsonResponse({"error": "not signed in"}, status=401)
        return view(request, *args, **kwargs)

    return checked


def refused():
    return JsonResponse({"error": "not yours"}, status=403)


def person(user):
    return {"id": user.pk, "name": user.get_full_name(), "email": user.email}


def case(row):
    return {
        "id": row.pk,
        "group": {"id": row.group_id, "name": row.group.name},
        "number": row.number,
        "name": row.name,
        "status": row.status,
        "protocol": {"id": row.protocol_id, "name": row.protocol.name},
        "location": {"id": row.location_id, "name": row.location.name},
        "created_by": {"id": row.created_by_id, "name": row.created_by.get_full_name()},
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "closed_at": row.closed_at,
    }


def newest(cases):
    rows = list(cases.select_related("group", "protocol", "location", "created_by").order_by("-id")[:25])
    return JsonResponse({"items": [case(row) for row in rows], "next_cursor": rows[-1].pk if rows else None})


@signed_in
def me(request):
    memberships = OrganizationUser.objects.filter(user=request.user).select_related("organization")
    groups = GroupMember.objects.filter(user=request.user).select_related("group")
    return JsonResponse({
        "user": person(request.user),
        "accounts": [{"id": m.organization_id, "name": m.organization.name, "is_admin": m.is_admin} for m in memberships],
        "groups": [{"id": m.group_id, "name": m.group.name, "is_admin": m.is_admin} for m in groups],
    })


@signed_in
def members(request, organization):
    organization = get_object_or_404(Organization, pk=organization)
    if not organization.is_admin(request.user):
        return refused()
    rows = organization.organization_users.select_related("user").order_by("user_id")[:25]
    return JsonResponse({"items": [{"user": person(row.user), "is_admin": row.is_admin} for row in rows]})


@signed_in
def group(request, group):
    found = get_object_or_404(Group.objects.select_related("organization"), pk=group)
    if not found.organization.is_member(request.user):
        return refused()
    if not GroupMember.objects.filter(group=found, user=request.user).exists():
        return refused()
    return JsonResponse({"id": found.pk, "name": found.name, "organization": found.organization_id})


@signed_in
def cases(request):
    return newest(Case.objects.filter(group__members=request.user))


@signed_in
def group_cases(request, group):
    found = get_object_or_404(Group, pk=group, members=request.user)
    return newest(Case.objects.filter(group=found))


@signed_in
def invite(request, organization):
    given = json.loads(request.body)
    with transaction.atomic():
        organization = get_object_or_404(Organization, pk=organization)
        if not organization.is_admin(request.user):
            return refused()
        email, group = given["email"], get_object_or_404(Group, pk=given["group"], organization=organization)
        if organization.organization_users.filter(user__email=email).exists():
            return JsonResponse({"error": "a member already"}, status=409)
        if OrganizationInvitation.objects.filter(
            organization=organization, invitee_identifier=email, invitee=None
        ).exists():
            return JsonResponse({"error": "invited already"}, status=409)
        invitation = OrganizationInvitation.objects.create(
            organization=organization, invitee_identifier=email, invited_by=request.user
        )
        InvitedInto.objects.create(invitation=invitation, group=group)
    return JsonResponse({"id": str(invitation.guid), "email": email})


@signed_in
def accept(request, guid):
    with transaction.atomic():
        invitation = get_object_or_404(
            OrganizationInvitation.objects.select_related("organization", "into"), guid=guid, invitee=None
        )
        if invitation.invitee_identifier != request.user.email:
            return refused()
        invitation.activate(request.user)
        GroupMember.objects.create(group_id=invitation.into.group_id, user=request.user)
    return JsonResponse({"organization": invitation.organization_id, "group": invitation.into.group_id})
