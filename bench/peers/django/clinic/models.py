"""What a practice adds to django-organizations: groups in an organization, and their cases."""

from django.contrib.auth.models import User
from django.db import models
from organizations.models import Organization, OrganizationInvitation


class Group(models.Model):
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE)
    name = models.CharField(max_length=200)
    members = models.ManyToManyField(User, through="GroupMember", related_name="clinic_groups")


class GroupMember(models.Model):
    group = models.ForeignKey(Group, on_delete=models.CASCADE)
    user = models.ForeignKey(User, on_delete=models.CASCADE)
    is_admin = models.BooleanField(default=False)

    class Meta:
        unique_together = ("user", "group")


class Protocol(models.Model):
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE)
    name = models.CharField(max_length=200)


class Location(models.Model):
    group = models.ForeignKey(Group, on_delete=models.CASCADE)
    name = models.CharField(max_length=200)


class Case(models.Model):
    group = models.ForeignKey(Group, on_delete=models.CASCADE, db_index=False)
    number = models.IntegerField()
    protocol = models.ForeignKey(Protocol, on_delete=models.PROTECT)
    location = models.ForeignKey(Location, on_delete=models.PROTECT)
    name = models.CharField(max_length=200)
    status = models.CharField(max_length=20)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["group", "-id"])]


class InvitedInto(models.Model):
    """The group that an invitation leads into, which django-organizations has no word for."""

    invitation = models.OneToOneField(OrganizationInvitation, on_delete=models.CASCADE, related_name="into")
    group = models.ForeignKey(Group, on_delete=models.CASCADE)
