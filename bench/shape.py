"""The organization that every server is filled with: the same people, groups and cases for all.

Nothing here knows a server. Numbers, not ids: each server's seeding gives them its own ids.
"""

from dataclasses import asdict, dataclass

FIRST_NAMES = ("Ada", "Ben", "Cleo", "Dora", "Eli", "Fay", "Gus", "Hana", "Ivo", "June")
LAST_NAMES = ("Archer", "Brook", "Castle", "Dale", "Ember", "Field", "Grove", "Hill", "Ivey", "Jones")
GROUP_NAMES = ("Equine", "Small animal", "Surgery", "Imaging", "Rehabilitation")
PROTOCOLS = ("Wellness examination", "Diagnostic work-up", "Respiratory", "Lameness",
             "Reproduction", "Nutrition", "Surgery", "Follow-up")
# The groups that the three people of the wide organization are in.
WIDE_MEMBERSHIPS = (1, 20, 200)


@dataclass(frozen=True)
class Shape:
    """How much there is of everything."""

    organizations: int = 200
    members: int = 10
    groups: int = 5
    cases_per_group: int = 100
    # Organizations that only take in people: one owner, one group, invitations that wait.
    joining: int = 200
    invitations: int = 6_000
    # One more organization with this many groups, for people in few and in many of them.
    wide_groups: int = 0
    wide_cases_per_group: int = 50

    @property
    def cases(self) -> int:
        return self.organizations * self.groups * self.cases_per_group + self.wide_groups * self.wide_cases_per_group

    def arguments(self) -> dict:
        return asdict(self)


def person_name(organization: int, member: int) -> str:
    return f"{FIRST_NAMES[member % 10]} {LAST_NAMES[organization % 10]} {organization}-{member}"


def person_email(organization: int, member: int) -> str:
    return f"p{member}.o{organization}@clinic.example"


def joiner_email(number: int) -> str:
    return f"joiner{number}@clinic.example"


def group_name(group: int) -> str:
    return GROUP_NAMES[group] if group < len(GROUP_NAMES) else f"Group {group:03}"


def case_name(number: int) -> str:
    return f"Patient {number:05} of the practice"


def is_open(number: int) -> bool:
    return number % 5 != 0
