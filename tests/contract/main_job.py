"""The main job through a generated client: sign in, create a group, a location, a case, invite someone."""

import sys

from covey_api_client import AuthenticatedClient, Client
from covey_api_client.api.cases import create_case, get_case
from covey_api_client.api.groups import create_group, set_group_member
from covey_api_client.api.invitations import create_group_invitations
from covey_api_client.api.locations import create_location
from covey_api_client.api.sign_in import sign_in
from covey_api_client.models import (
    Credentials,
    GroupMemberRole,
    GroupRole,
    InvitationOutcomeKind,
    NewCase,
    NewGroup,
    NewGroupInvitations,
    NewLocation,
    Problem,
)

base, email, password, account, protocol = sys.argv[1:]
anyone = Client(base_url=f"{base}/api/v1")
signed_in = sign_in.sync(client=anyone, body=Credentials(email=email, password=password))
covey = AuthenticatedClient(base_url=f"{base}/api/v1", token=signed_in.token)
group = create_group.sync(account, client=covey, body=NewGroup(name="Quail Run"))
set_group_member.sync_detailed(
    group.id, signed_in.user.id, client=covey, body=GroupMemberRole(role=GroupRole.ADMINISTRATOR)
)
location = create_location.sync(group.id, client=covey, body=NewLocation(name="Barn"))
case = create_case.sync(
    group.id, client=covey, body=NewCase(protocol=protocol, location=location.id, name="Rex")
)
assert case.created_at.tzinfo is not None, "times are times"
invited = create_group_invitations.sync(
    group.id, client=covey, body=NewGroupInvitations(emails="py@x.test", role=GroupRole.MEMBER)
)
assert invited.outcomes[0].outcome == InvitationOutcomeKind.INVITED, invited
missing = get_case.sync("cas_0", client=covey)
assert isinstance(missing, Problem) and missing.code == "not_found", missing
print(f"{case.name} is {case.status} in {case.group.name}")
