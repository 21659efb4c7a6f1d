//! The statement of withdrawals.

use kernel::{
    error::Result,
    id::{AccountId, InvitationId},
};
use storage::{Tx, sql};

/// Withdraws the pending invitations that could not be given now: their inviter doesn't manage the account, and they
/// don't offer plain membership with a group that its giver still manages. Gives each with its address.
pub(super) async fn withdraw(tx: &Tx, account: AccountId) -> Result<Vec<(InvitationId, String)>> {
    tx.all(
        sql!(
            "UPDATE invitations SET state = 'withdrawn', settled_at = $2
             WHERE account_id = $1 AND state = 'pending'
               AND NOT EXISTS (
                   SELECT 1 FROM members m WHERE m.account_id = $1 AND m.user_id = invitations.invited_by
                       AND m.until IS NULL AND m.role IN ('owner', 'administrator'))
               AND NOT EXISTS (
                   SELECT 1 FROM key_seats k WHERE k.account_id = $1 AND k.user_id = invitations.invited_by
                       AND k.until IS NULL AND k.role = 'administrator')
               AND NOT (role = 'member' AND EXISTS (
                   SELECT 1 FROM invitation_groups ig
                   JOIN groups g ON g.account_id = $1 AND g.id = ig.group_id AND g.archived_at IS NULL
                   LEFT JOIN members m ON m.account_id = $1 AND m.user_id = ig.given_by AND m.until IS NULL
                   LEFT JOIN group_members gm ON gm.account_id = $1 AND gm.user_id = ig.given_by
                        AND gm.group_id = ig.group_id AND gm.role = 'administrator' AND gm.until IS NULL
                   WHERE ig.account_id = $1 AND ig.invitation_id = invitations.id
                     AND (m.role IN ('owner', 'administrator') OR (m.role = 'member' AND gm.id IS NOT NULL)
                          OR EXISTS (SELECT 1 FROM key_groups k WHERE k.account_id = $1 AND k.user_id = ig.given_by
                               AND k.group_id = ig.group_id AND k.until IS NULL))))
             RETURNING id, email"
        ),
        &[&account, &tx.now()],
    )
    .await
}
