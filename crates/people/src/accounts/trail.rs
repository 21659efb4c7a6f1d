//! The audit trail in words, on the page and in the export.

use serde_json::Value;

use access::Privilege;
use kernel::{money::Money, prices::Plan};
use platform::audit::EventRow;

/// An event as people read it.
pub(super) struct Told {
    /// What was done, as a sentence without its subject: "Invited".
    pub(super) what: String,
    /// To whom or what: a name, an address, or the id where it was erased.
    pub(super) about: String,
}

/// Tells an event.
pub(super) fn tell(row: &EventRow) -> Told {
    let detail =
        row.detail.as_deref().and_then(|text| serde_json::from_str::<Value>(text).ok()).unwrap_or_default();
    let text = |key: &str| detail.get(key).and_then(Value::as_str);
    let nameless = match row.object.split('_').next() {
        Some("sub") => "The subscription",
        Some("pay") => {
            text("note").or_else(|| text("reference")).filter(|note| !note.is_empty()).unwrap_or("A payment")
        }
        _ => &row.object,
    };
    let about = text("name").or_else(|| text("email")).unwrap_or(nameless).to_owned();
    let number = |key: &str| detail.get(key).and_then(Value::as_i64).unwrap_or_default();
    let money = |key: &str| detail.get(key).and_then(sum).unwrap_or_else(|| "an amount".to_owned());
    let archived = detail.get("archived").and_then(Value::as_bool) == Some(true);
    let what = match row.action.as_str() {
        "member.role_changed" | "group_member.role_changed" => {
            let [from, to] = ["from", "to"].map(|key| text(key).unwrap_or("?").replace('_', " "));
            let place = if row.action.starts_with("group") { " in a group" } else { "" };
            format!("Changed the role{place} from {from} to {to}")
        }
        "group.changed" | "location.changed" | "protocol.changed" if archived => {
            let kind = row.action.split('.').next().unwrap_or_default();
            format!("Archived the {kind}, or changed it while archived")
        }
        "subscription.bought" => {
            format!("Bought {} for {}", taken(&detail), money("total"))
        }
        "subscription.planned" => format!("Planned {} from the renewal on", taken(&detail)),
        "subscription.arranged" => format!("Arranged up to {} licenses", number("limit")),
        "payment.received" => format!("Paid {} by card", money("amount")),
        "payment.refused" => format!("Could not pay {}: the card was refused", money("amount")),
        "payment.recorded" => format!("Recorded a payment of {}", money("amount")),
        "refund.recorded" => format!("Recorded a refund of {}", money("amount")),
        "access.refused" => format!("Was refused: {}", wish(text("access").unwrap_or_default())),
        "case.read_from_parent" => {
            format!("Read a case from the parent account: {}", text("what").unwrap_or("case"))
        }
        "user_group.changed" => user_group_changed(&detail),
        "client_group.read_from_parent" => "Looked at a client group from the parent account".to_owned(),
        "client.read_from_parent" => {
            format!("Read a client’s record from the parent account: {}", text("what").unwrap_or("client"))
        }
        "clients.imported" => format!("Imported {} clients", number("added")),
        "client.merged" => "Merged a client into another".to_owned(),
        "handout.shared" => match text("email") {
            Some(email) => format!("Emailed a handout to {email}"),
            None => "Made a link to a handout".to_owned(),
        },
        action => sentence(action).map_or_else(|| action.replace(['.', '_'], " "), str::to_owned),
    };
    Told { what, about }
}

/// What was changed of a user group: "Changed a user group: 2 added, 1 removed; gives Send requests".
fn user_group_changed(detail: &Value) -> String {
    let count = |key: &str| detail.get(key).and_then(Value::as_i64).unwrap_or_default();
    let labels = |key: &str| {
        let words = detail.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        words.filter_map(Privilege::read).map(Privilege::label).collect::<Vec<_>>().join(", ")
    };
    let mut parts = Vec::new();
    for (number, what) in [(count("added"), "added"), (count("removed"), "removed")] {
        if number > 0 {
            parts.push(format!("{number} {what}"));
        }
    }
    for (labels, what) in [(labels("given"), "now gives"), (labels("taken"), "no longer gives")] {
        if !labels.is_empty() {
            parts.push(format!("{what} {labels}"));
        }
    }
    if parts.is_empty() {
        "Changed a user group".to_owned()
    } else {
        format!("Changed a user group: {}", parts.join("; "))
    }
}

/// How many licenses of which plan.
fn taken(detail: &Value) -> String {
    let plan = detail.get("plan").and_then(Value::as_str).and_then(Plan::read).map_or("", Plan::label);
    match detail.get("licenses").and_then(Value::as_i64).unwrap_or_default() {
        1 => format!("1 license, {plan},"),
        many => format!("{many} licenses, {plan},"),
    }
}

/// An amount of money as people read it; a refund's is written without its sign.
fn sum(value: &Value) -> Option<String> {
    let money: Money = serde_json::from_value(value.clone()).ok()?;
    Some(Money::new(money.amount.abs(), money.currency).to_string())
}

/// What somebody asked for who had no right to it.
fn wish(access: &str) -> &'static str {
    match access {
        "AccountAdmin" | "ProtocolAdmin" | "GroupSteward" | "UserGroupAdmin" | "NoteTypeAdmin" => {
            "wanted to manage the account"
        }
        "AccountWorker" => "wanted what support staff have no part in",
        "ClientReader" | "ClientGroupReader" | "GroupNoteReader" | "NoteReader" => {
            "wanted to look at a group that they are not in"
        }
        "ClientEditor" | "ClientGroupEditor" | "GroupNoteEditor" | "NoteEditor" => {
            "wanted to work in a group that they are not in"
        }
        "ClientKeeper" | "ClientCurator" | "ImportKeeper" => "wanted to manage clients",
        "NoteReleaser" | "GroupNoteReleaser" => "wanted to release notes",
        "CaseExporter" => "wanted to export cases",
        "RequestSender" => "wanted to send a request",
        "RequestReceiver" | "RequestAuthor" => "wanted to act on a request",
        "InvoiceAdmin" => "wanted to look at an invoice",
        "AccountOwner" | "TransferParty" => "wanted what is the owner’s to do",
        "InvitationManager" => "wanted to manage an invitation",
        "GroupAdmin" | "LocationAdmin" => "wanted to manage a group",
        "GroupReader" | "CaseReader" | "FileReader" => "wanted to look at a group that they are not in",
        "GroupMember" | "CaseEditor" | "FileEditor" => "wanted to work in a group that they are not in",
        "HandoutEditor" | "HandoutAuthor" => "wanted to change a handout",
        _ => "wanted more than they may",
    }
}

fn sentence(action: &str) -> Option<&'static str> {
    Some(match action {
        "account.opened" => "Opened the account",
        "account.changed" => "Changed the account’s settings",
        "audit.exported" => "Exported the audit trail",
        "protocol.added" => "Added a protocol",
        "protocol.changed" => "Changed a protocol",
        "member.left" => "Left the account",
        "member.removed" => "Removed from the account",
        "member.reset_sent" => "Sent a link to choose a new password",
        "ownership.offered" => "Offered the ownership",
        "ownership.transferred" => "Took over the ownership",
        "ownership.declined" => "Declined the ownership",
        "ownership.withdrawn" => "Withdrew the offer of ownership",
        "group.created" => "Created a group",
        "group.changed" => "Changed a group",
        "group.deleted" => "Deleted a group",
        "group_member.added" => "Added to a group",
        "group_member.removed" => "Removed from a group",
        "location.added" => "Added a location",
        "location.changed" => "Changed a location",
        "invitation.sent" => "Invited",
        "invitation.extended" => "Added groups to an invitation",
        "invitation.resent" => "Sent an invitation again",
        "invitation.canceled" => "Canceled an invitation",
        "invitation.accepted" => "Accepted an invitation",
        "case.created" => "Created a case",
        "case.changed" => "Changed a case",
        "case.closed" => "Closed a case",
        "case.reopened" => "Reopened a case",
        "case.note_added" => "Added a note to a case",
        "case.file_added" => "Attached a file to a case",
        "case.file_removed" => "Took a file off a case",
        "user_group.created" => "Created a user group",
        "user_group.joined" => "Joined the default user group",
        "user_group.deleted" => "Deleted a user group",
        "client_group.created" => "Created a client group",
        "client_group.changed" => "Changed a client group",
        "client_group.deleted" => "Deleted a client group",
        "client_groups.listed_from_parent" => "Listed client groups from the parent account",
        "handout.added" => "Added a handout",
        "handout.copied" => "Made an own copy of a handout",
        "handout.changed" => "Changed a handout",
        "handout.archived" => "Archived a handout",
        "handout.restored" => "Restored a handout",
        "handout.share_revoked" => "Took back a handout that was shared",
        "request.sent" => "Sent a request to",
        "request.claimed" => "Claimed a request to",
        "request.released" => "Gave back a request to",
        "request.assigned" => "Handed on a request to",
        "request.forwarded" => "Passed a request on to",
        "request.waiting" => "Asked the sender of a request to",
        "request.completed" => "Finished a request to",
        "request.declined" => "Declined a request to",
        "request.canceled" => "Canceled a request to",
        "request.reopened" => "Opened again a request to",
        "request.file_added" => "Attached a file to a request",
        "note.written" => "Wrote a note",
        "note.changed" => "Changed a note",
        "note.released" => "Released a note",
        "note.addendum_added" => "Added to a released note",
        "note.deleted" => "Deleted the draft of a note",
        "note.read_from_parent" => "Read a note from the parent account",
        "group_note.written" => "Wrote a group note",
        "group_note.changed" => "Changed a group note",
        "group_note.generated" => "Made the notes of a group note",
        "group_note.released" => "Released notes of a group note",
        "group_note.deleted" => "Deleted a group note",
        "group_note.read_from_parent" => "Read a group note from the parent account",
        "note_type.added" => "Added a note type",
        "note_type.changed" => "Changed a note type",
        "cases.exported" => "Exported the cases of a group",
        "client.added" => "Added a client",
        "client.changed" => "Changed a client",
        "client.archived" => "Archived a client",
        "client.restored" => "Restored a client",
        "client.animal_added" => "Added an animal to a client",
        "client.animal_changed" => "Changed an animal of a client",
        "clients.listed_from_parent" => "Listed clients from the parent account",
        "clients.exported" => "Exported the clients of a group",
        "clients.import_read" => "Read in a file of clients",
        "clients.import_discarded" => "Discarded a file of clients",
        "cases.listed_from_parent" => "Listed cases from the parent account",
        "subscription.renewed" => "Renewed the subscription",
        "subscription.ended" => "Ended the subscription",
        "subscription.canceled" => "Canceled the subscription for its renewal",
        "subscription.kept" => "Took back what was planned for the renewal",
        "billing.changed" => "Changed the billing details",
        "billing.card_entered" => "Entered a card",
        "introduction.changed" => "Changed the letter that introduces the team",
        "introduction.sent" => "Introduced the team by email",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_told_with_its_amount() {
        let told = |action: &str, detail: &str| {
            let row = EventRow {
                seq: 1,
                at: kernel::clock::Time::from_micros(0),
                actor: None,
                actor_name: None,
                action: action.to_owned(),
                object: "sub_1".to_owned(),
                group: String::new(),
                detail: Some(detail.to_owned()),
            };
            tell(&row).what
        };
        let bought = r#"{"licenses":3,"plan":"pro","total":{"amount":13500,"currency":"USD"}}"#;
        assert_eq!(told("subscription.bought", bought), "Bought 3 licenses, Pro, for $135.00");
        let back = r#"{"amount":{"amount":-500,"currency":"USD"}}"#;
        assert_eq!(told("refund.recorded", back), "Recorded a refund of $5.00");
        assert_eq!(told("payment.received", "{}"), "Paid an amount by card");
    }
}
