//! The roles, and the order of their rights.

use storage::word;

word! {
    /// A member's role in the account.
    pub enum Role {
        /// Holds the account and its billing; exactly one.
        Owner = "owner",
        /// Manages people and groups.
        Administrator = "administrator",
        /// Works in the groups that they are added to.
        Member = "member",
        /// Sees handouts and their own profile, nothing else.
        SupportStaff = "support_staff",
    }
}

word! {
    /// A member's role in one group.
    pub enum GroupRole {
        /// Manages the group's people, invitations and locations.
        Administrator = "administrator",
        /// Works with its cases.
        Member = "member",
    }
}

impl Role {
    /// Whether the role manages people and groups, and reads from the parent account.
    pub const fn manages(self) -> bool {
        matches!(self, Self::Owner | Self::Administrator)
    }

    /// Whether the role may belong to groups at all.
    pub const fn works(self) -> bool {
        !matches!(self, Self::SupportStaff)
    }

    /// Its rank: nobody gives a role above their own.
    const fn rank(self) -> u8 {
        match self {
            Self::Owner => 3,
            Self::Administrator => 2,
            Self::Member => 1,
            Self::SupportStaff => 0,
        }
    }

    /// Whether someone with this role may give `other`. Ownership is transferred, never given.
    pub const fn may_give(self, other: Self) -> bool {
        self.manages() && !matches!(other, Self::Owner) && other.rank() <= self.rank()
    }

    /// The word that people read.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Owner => "Owner",
            Self::Administrator => "Administrator",
            Self::Member => "Member",
            Self::SupportStaff => "Support staff",
        }
    }
}

impl GroupRole {
    /// The word that people read.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Administrator => "Group administrator",
            Self::Member => "Group member",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_gives_ownership_or_a_role_above_their_own() {
        for giver in Role::ALL {
            for given in Role::ALL {
                let may = giver.may_give(*given);
                assert!(!may || (*given != Role::Owner && given.rank() <= giver.rank() && giver.manages()));
            }
        }
        assert!(Role::Administrator.may_give(Role::Administrator));
        assert!(!Role::Member.may_give(Role::SupportStaff));
    }
}
