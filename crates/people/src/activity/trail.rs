//! The audit trail in words, on the page and in the export.

use serde_json::Value;

use access::{Access, Privilege};
use kernel::{money::Money, practice::PracticeKind, prices::Plan, text::counted};
use platform::audit::{Action, EventRow};

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
        Some("acc") if row.action == Action::PracticeKindChanged.key() => "The account",
        _ => &row.object,
    };
    let about = text("name").or_else(|| text("email")).unwrap_or(nameless).to_owned();
    let number = |key: &str| detail.get(key).and_then(Value::as_i64).unwrap_or_default();
    let money = |key: &str| detail.get(key).and_then(sum).unwrap_or_else(|| "an amount".to_owned());
    let archived = detail.get("archived").and_then(Value::as_bool) == Some(true);
    let Some(action) = Action::read(&row.action) else {
        return Told { what: row.action.replace(['.', '_'], " "), about };
    };
    let what = match action {
        Action::MemberRoleChanged | Action::GroupMemberRoleChanged => {
            let [from, to] = ["from", "to"].map(|key| text(key).unwrap_or("?").replace('_', " "));
            let place = if row.action.starts_with("group") { " in a group" } else { "" };
            format!("Changed the role{place} from {from} to {to}")
        }
        Action::PracticeKindChanged => {
            let [from, to] = ["from", "to"]
                .map(|key| text(key).and_then(PracticeKind::read).map_or("?", PracticeKind::label));
            format!("Changed the kind of practice from {from} to {to}")
        }
        Action::GroupChanged | Action::LocationChanged | Action::ProtocolChanged if archived => {
            let kind = row.action.split('.').next().unwrap_or_default();
            format!("Archived the {kind}, or edited it while archived")
        }
        Action::SubscriptionBought => {
            format!("Bought {} for {}", taken(&detail), money("total"))
        }
        Action::SubscriptionPlanned => format!("Planned {} from the next renewal", taken(&detail)),
        Action::LicensesAsked => format!("Asked the operator for {} licenses", number("licenses")),
        Action::SubscriptionArranged => format!("Set the limit to {} licenses", number("limit")),
        Action::PaymentReceived => format!("Paid {} by card", money("amount")),
        Action::PaymentRefused => format!("Could not pay {}: the card was refused", money("amount")),
        Action::PaymentRecorded => format!("Recorded a payment of {}", money("amount")),
        Action::PaymentReported => format!("Reported a payment of {}", money("amount")),
        Action::RefundRecorded => format!("Recorded a refund of {}", money("amount")),
        Action::AccessRefused => {
            format!(
                "Access denied: {}",
                text("access").map_or("tried more than they are allowed to do", wanted)
            )
        }
        Action::CaseReadFromParent => {
            format!("Read a case from the parent account: {}", text("what").unwrap_or("case"))
        }
        Action::UserGroupChanged => user_group_changed(&detail),
        Action::ClientReadFromParent => {
            format!("Read a client’s record from the parent account: {}", text("what").unwrap_or("client"))
        }
        Action::ClientsImported => format!("Imported {} clients", number("added")),
        Action::HandoutShared => match text("email") {
            Some(email) => format!("Emailed a handout to {email}"),
            None => "Created a link to a handout".to_owned(),
        },
        action => action.sentence().to_owned(),
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
    for (labels, what) in [(labels("given"), "now grants"), (labels("taken"), "no longer grants")] {
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
    let licenses = detail.get("licenses").and_then(Value::as_i64).unwrap_or_default();
    format!("{} ({plan})", counted(licenses, "license", "licenses"))
}

/// An amount of money as people read it; a refund's is written without its sign.
fn sum(value: &Value) -> Option<String> {
    let money: Money = serde_json::from_value(value.clone()).ok()?;
    Some(Money::new(money.amount.abs(), money.currency).to_string())
}

/// What someone asked for who had no right to it, by the name that the trail keeps.
fn wanted(access: &str) -> &'static str {
    match Access::ALL.iter().find(|known| known.name() == access) {
        Some(
            Access::AccountAdmin
            | Access::ApiKeyAdmin
            | Access::ProtocolAdmin
            | Access::GroupSteward
            | Access::UserGroupAdmin
            | Access::NoteTypeAdmin,
        ) => "tried to manage the account",
        Some(Access::AccountWorker | Access::AnyWorker) => "tried something that support staff can’t do",
        Some(
            Access::GroupReader
            | Access::CaseReader
            | Access::FileReader
            | Access::ClientReader
            | Access::ClientGroupReader
            | Access::GroupNoteReader
            | Access::NoteReader,
        ) => "tried to open a group that they aren’t in",
        Some(
            Access::GroupMember
            | Access::CaseEditor
            | Access::FileEditor
            | Access::ClientEditor
            | Access::ClientGroupEditor
            | Access::GroupNoteEditor
            | Access::NoteEditor,
        ) => "tried to work in a group that they aren’t in",
        Some(Access::ClientKeeper | Access::ClientCurator | Access::ImportKeeper) => {
            "tried to manage clients"
        }
        Some(Access::NoteReleaser | Access::GroupNoteReleaser) => "tried to release notes",
        Some(Access::CaseOverseer | Access::ClientOverseer) => "tried to see who opened a record",
        Some(Access::CaseExporter) => "tried to export cases",
        Some(Access::RequestSender) => "tried to send a request",
        Some(Access::RequestReceiver | Access::RequestAuthor | Access::RequestReader) => {
            "tried to act on a request"
        }
        Some(Access::InvoiceAdmin) => "tried to view an invoice",
        Some(Access::AccountOwner | Access::TransferParty) => "tried something that only the owner can do",
        Some(Access::GroupMaker) => "tried to add a group",
        Some(Access::InvitationManager) => "tried to manage an invitation",
        Some(Access::GroupAdmin | Access::LocationAdmin) => "tried to manage a group",
        Some(Access::HandoutReader | Access::HandoutEditor | Access::HandoutAuthor) => {
            "tried to change a handout"
        }
        Some(
            Access::Public
            | Access::SignedIn
            | Access::AccountMember
            | Access::OperatorNamed
            | Access::Operator,
        )
        | None => "tried more than they are allowed to do",
    }
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
        assert_eq!(told("subscription.bought", bought), "Bought 3 licenses (Pro) for $135.00");
        let back = r#"{"amount":{"amount":-500,"currency":"USD"}}"#;
        assert_eq!(told("refund.recorded", back), "Recorded a refund of $5.00");
        assert_eq!(told("payment.received", "{}"), "Paid an amount by card");
    }
}
