//! The order of requests: what is most urgent first, on every page of a list.

use axum::http::StatusCode;
use kernel::clock::{HOUR, MINUTE};
use serde_json::{Value, json};

use crate::{
    requests::{Desk, step},
    support::{Client, ENGINES},
};

async fn send(desk: &Desk, subject: &str, priority: &str, due: Option<&str>) -> String {
    let mut body = desk.body();
    (body["subject"], body["priority"], body["due_at"]) = (json!(subject), json!(priority), json!(due));
    let sent = desk.sender.post(&desk.api(), &body).await;
    assert_eq!(sent.status, StatusCode::CREATED, "{}", sent.text);
    sent.json["id"].as_str().unwrap().to_owned()
}

/// Every page of a list, as subjects.
async fn pages(desk: &Desk, who: &Client, query: &str, between: impl AsyncFn()) -> Vec<String> {
    let (mut all, mut next) = (Vec::new(), String::new());
    loop {
        let page = who.get(&format!("{}?{query}{next}", desk.api())).await.json;
        let items = page["items"].as_array().unwrap_or_else(|| panic!("{page}"));
        all.extend(items.iter().map(|row| row["subject"].as_str().unwrap().to_owned()));
        let Some(cursor) = page["next_cursor"].as_str() else { return all };
        next = format!("&cursor={cursor}");
        between().await;
    }
}

#[tokio::test]
async fn open_requests_are_sorted_by_urgency_on_every_page() {
    for engine in ENGINES {
        let desk = Desk::new(engine).await;
        let clock = &desk.world.server.clock;
        // It is nine o'clock.
        for (subject, priority, due) in [
            ("plain", "normal", None),
            ("due at two", "normal", Some("2026-03-02T14:00:00Z")),
            ("urgent", "high", None),
            ("due at ten", "low", Some("2026-03-02T10:00:00Z")),
            ("urgent, due at three", "high", Some("2026-03-02T15:00:00Z")),
            ("low", "low", None),
            ("due at half past nine", "high", Some("2026-03-02T09:30:00Z")),
        ] {
            send(&desk, subject, priority, due).await;
            clock.advance(MINUTE);
        }
        let urgent = [
            "due at half past nine",
            "due at ten",
            "urgent, due at three",
            "urgent",
            "due at two",
            "low",
            "plain",
        ];
        clock.advance(2 * HOUR);
        let wait = async || ();
        for limit in [1, 2, 3, 100] {
            let found = pages(&desk, &desk.grace, &format!("state=open&limit={limit}"), wait).await;
            assert_eq!(found, urgent, "{engine:?} {limit}");
            let sent =
                pages(&desk, &desk.sender, &format!("mailbox=sent&state=new&limit={limit}"), wait).await;
            assert_eq!(sent, urgent, "{engine:?} {limit}");
        }
        // Between pages another becomes overdue: it is shown where it was, once.
        let later = async || {
            clock.advance(2 * HOUR);
        };
        assert_eq!(pages(&desk, &desk.grace, "state=open&limit=2", later).await, urgent, "{engine:?}");
        // A history is in the order of time.
        let all = pages(&desk, &desk.grace, "limit=2", wait).await;
        assert_eq!((all[0].as_str(), all[6].as_str()), ("due at half past nine", "plain"));
    }
}

#[tokio::test]
async fn equally_urgent_requests_are_paged_exactly() {
    for engine in ENGINES {
        let desk = Desk::new(engine).await;
        // All of one moment, without a due date or with the same.
        for number in 0..6 {
            send(&desk, &format!("same {number}"), "normal", None).await;
            send(&desk, &format!("due {number}"), "normal", Some("2026-03-03T10:00:00Z")).await;
        }
        let wait = async || ();
        let whole = pages(&desk, &desk.grace, "state=open&limit=100", wait).await;
        assert!(whole[..6].iter().all(|subject| subject.starts_with("due")), "{whole:?}");
        for limit in 1..=7 {
            let found = pages(&desk, &desk.grace, &format!("state=open&limit={limit}"), wait).await;
            assert_eq!(found, whole, "{engine:?} {limit}");
        }
        let first = desk.grace.get(&format!("{}?state=open&limit=1", desk.api())).await.json;
        let cursor = first["next_cursor"].as_str().unwrap();
        let other = desk.grace.get(&format!("{}?limit=1&cursor={cursor}", desk.api())).await;
        assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY, "a cursor of another list");
    }
}

#[tokio::test]
async fn what_was_done_and_not_read_stays_among_what_is_open() {
    for engine in ENGINES {
        let desk = Desk::new(engine).await;
        let done = send(&desk, "answered", "normal", None).await;
        desk.world.server.clock.advance(MINUTE);
        send(&desk, "plain", "normal", None).await;
        desk.world.server.clock.advance(MINUTE);
        send(&desk, "urgent", "high", None).await;
        desk.world.server.clock.advance(MINUTE);
        step(&desk.grace, &done, "claim", Value::Null).await;
        step(&desk.grace, &done, "complete", json!({})).await;
        let page = desk.sender.get(&format!("/a/{}/requests?mailbox=sent", desk.world.account)).await.text;
        let at = |subject: &str| {
            page.find(&format!("dir=\"auto\">{subject}</a>")).unwrap_or_else(|| panic!("{page}"))
        };
        assert!(at("urgent") < at("answered") && at("answered") < at("plain"), "{engine:?}");
    }
}
