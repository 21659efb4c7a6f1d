//! The decisions, as pure functions: no database, no clock, nothing to forget.

use crate::{GroupRole, Privilege, Role};

/// Where a person stands toward one group and what is in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Standing {
    /// Their role in the group's account.
    pub role: Role,
    /// Their role in the group, if they are in it.
    pub group_role: Option<GroupRole>,
}

/// What they want of the group.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wish {
    /// Look at it and what is in it.
    See,
    /// Create and edit its cases.
    Work,
    /// Change its people, invitations and locations.
    Manage,
    /// Archive, restore or delete it.
    Retire,
}

/// The decision.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// Yes, as one of the group.
    Granted,
    /// Yes, from the parent account, which is noted in the audit trail.
    GrantedFromParent,
    /// They may know of it, but not do this.
    Forbidden,
    /// They don't learn that it exists.
    Hidden,
}

/// Whether someone who stands so toward a group may do this with it.
pub const fn decide(standing: Standing, wish: Wish) -> Verdict {
    if !standing.role.works() {
        return Verdict::Hidden;
    }
    match (standing.group_role, standing.role.manages(), wish) {
        (Some(_), _, Wish::See | Wish::Work) | (Some(GroupRole::Administrator), _, Wish::Manage) => {
            Verdict::Granted
        }
        (_, true, Wish::See | Wish::Manage | Wish::Retire) => Verdict::GrantedFromParent,
        (Some(_), false, Wish::Retire)
        | (Some(GroupRole::Member), false, Wish::Manage)
        | (None, true, Wish::Work) => Verdict::Forbidden,
        (None, false, _) => Verdict::Hidden,
    }
}

/// Whether a role brings a privilege with it, without any user group. Who manages the account has all but the
/// inbox, which belongs to a user group; who administers a group has, in it, those that are about its records.
pub const fn by_role(role: Role, group_role: Option<GroupRole>, privilege: Privilege) -> bool {
    match privilege {
        Privilege::RequestsReceive => false,
        Privilege::RequestsSend | Privilege::HandoutsManage => role.manages(),
        Privilege::ClientsManage | Privilege::NotesRelease | Privilege::CasesExport => {
            role.manages() || (role.works() && matches!(group_role, Some(GroupRole::Administrator)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_bring_privileges_but_never_an_inbox() {
        let admin = Some(GroupRole::Administrator);
        for privilege in Privilege::ALL {
            let inbox = *privilege == Privilege::RequestsReceive;
            assert_eq!(by_role(Role::Owner, None, *privilege), !inbox);
            assert_eq!(by_role(Role::Administrator, Some(GroupRole::Member), *privilege), !inbox);
            assert!(!by_role(Role::Member, Some(GroupRole::Member), *privilege));
            assert!(!by_role(Role::SupportStaff, admin, *privilege));
        }
        let in_group = Privilege::ALL.iter().filter(|privilege| by_role(Role::Member, admin, **privilege));
        let expected = [Privilege::ClientsManage, Privilege::NotesRelease, Privilege::CasesExport];
        assert_eq!(in_group.copied().collect::<Vec<_>>(), expected);
    }

    fn verdicts(role: Role, group_role: Option<GroupRole>) -> [Verdict; 4] {
        [Wish::See, Wish::Work, Wish::Manage, Wish::Retire]
            .map(|wish| decide(Standing { role, group_role }, wish))
    }

    #[test]
    fn the_whole_table() {
        use Verdict::{Forbidden, Granted, GrantedFromParent as Parent, Hidden};
        let (admin, member) = (Some(GroupRole::Administrator), Some(GroupRole::Member));
        for role in [Role::Owner, Role::Administrator] {
            assert_eq!(verdicts(role, None), [Parent, Forbidden, Parent, Parent]);
            assert_eq!(verdicts(role, member), [Granted, Granted, Parent, Parent]);
            assert_eq!(verdicts(role, admin), [Granted, Granted, Granted, Parent]);
        }
        assert_eq!(verdicts(Role::Member, None), [Hidden; 4]);
        assert_eq!(verdicts(Role::Member, member), [Granted, Granted, Forbidden, Forbidden]);
        assert_eq!(verdicts(Role::Member, admin), [Granted, Granted, Granted, Forbidden]);
        assert_eq!(verdicts(Role::SupportStaff, None), [Hidden; 4]);
        assert_eq!(verdicts(Role::SupportStaff, admin), [Hidden; 4]);
    }
}
