//! The page of all parts.

use askama::Template;
use axum::response::Response;

use crate::dashboard::{Bars, Steps};
use access::SignedIn;
use kernel::{
    clock::DAY,
    error::{Error, Result},
    order::Order,
    sortable,
};
use people::licenses::{Meter, Seat, Seats};
use storage::word;
use web::{
    Form, May,
    cookies::Flash,
    dual::{DualList, Item, Nouns},
    entry::Entry,
    list::Heads,
    page::{self, Frame, Here},
    parts::{Choice, choices},
};

word! {
    /// The columns of the table.
    enum Column {
        Person = "person",
        Seen = "seen",
    }
}
sortable!(Column);

/// Each kind of badge, with a word that has it.
const BADGES: [(&str, &str); 14] = [
    ("owner", "Owner"),
    ("administrator", "Administrator"),
    ("member", "Member"),
    ("plain", "Plain"),
    ("accepted", "Active"),
    ("pending", "Pending"),
    ("expired", "Expired"),
    ("removed", "Removed"),
    ("open", "Open"),
    ("closed", "Closed"),
    ("archived", "Archived"),
    ("failed", "Failed"),
    ("brand", "Default"),
    ("amber", "High priority"),
];

const PEOPLE: [(&str, &str); 8] = [
    ("Ann Lee", "ann.lee@riverside.example"),
    ("Miriam Okafor", "miriam.okafor@riverside.example"),
    ("Óscar Ibáñez", "oscar@riverside.example"),
    ("Wen Li", "wen@riverside.example"),
    ("Dr. Maximiliane von Hohenstein-Lindemann", "maximiliane.von.hohenstein-lindemann@riverside.example"),
    ("عمر حسن", "omar@riverside.example"),
    ("Sam Carter", "sam.carter@riverside.example"),
    ("Tomás O’Neil", "tomas@riverside.example"),
];

const NOUNS: Nouns = Nouns {
    field: "members",
    title: "People",
    one: "person",
    many: "people",
    none: "No one can be in this user group yet.",
};

const NO_NOUNS: Nouns = Nouns { field: "nobody", ..NOUNS };

#[derive(Template)]
#[template(path = "design/templates/design.html")]
struct DesignPage {
    frame: Frame,
    /// A message after the usual one.
    flashes: Vec<Frame>,
    entry: Entry,
    refused: Entry,
    chosen: Vec<Choice>,
    badges: [(&'static str, &'static str); 14],
    people: [(&'static str, &'static str); 8],
    list: Heads,
    dual: DualList,
    no_dual: DualList,
    bars: Bars,
    steps: Option<Steps>,
    meters: [Meter; 2],
}

/// A frame that shows a message, for the message's template.
fn saying(frame: &Frame, flash: Flash) -> Frame {
    let mut frame = frame.clone();
    frame.kit.flash = Some(flash);
    frame
}

fn refused() -> Result<Entry> {
    let form = Form::of([
        ("email".to_owned(), "ann.lee@riverside".to_owned()),
        ("place".to_owned(), "south".to_owned()),
    ]);
    Entry::again(form, Error::field("email", "Enter an email address, such as ann@example.org."))
}

fn dual() -> DualList {
    let item = |(at, (name, sub)): (usize, (&str, &str))| Item {
        assigned: at % 3 == 0,
        ..Item::new(at, name.to_owned(), sub.to_owned())
    };
    DualList::new(NOUNS, PEOPLE.into_iter().enumerate().map(item).collect(), None)
}

fn bars() -> Bars {
    let counts = [
        ("North clinic", 48),
        ("South barn", 31),
        ("A location whose name is longer than fits", 7),
        ("New", 0),
    ];
    let counts = counts.map(|(name, count)| (name.to_owned(), count));
    Bars::new("bars", "Cases by location", "Location", "Cases", counts.to_vec())
}

impl DesignPage {
    fn new(frame: Frame) -> Result<Self> {
        let now = frame.kit.now;
        let totals = [(now.plus(-90 * DAY), 8), (now.plus(-20 * DAY), 12)];
        let person = |at: i64| (now.plus(-(80 - at * 9) * DAY), (at == 2).then(|| now.plus(-30 * DAY)));
        let periods = (0..8).map(person).collect::<Vec<_>>();
        let usual = Order::ascending(Column::Person);
        let list = Heads::new("/design", &[], usual, usual).paged(Some("1"), Some("2"));
        let seats = |used, reserved| Seats { kind: Seat::License, total: 12, used, reserved };
        Ok(Self {
            flashes: vec![
                saying(&frame, Flash::done("Ann Lee was removed from Riverside.").undo("/design", &[])),
                saying(&frame, Flash::done("12 people were invited.").link("View users", "/design")),
                saying(&frame, Flash::trouble("This request is already complete.")),
            ],
            entry: Entry::of(&[("name", "South barn"), ("place", "south"), ("words", "Two lines\nof text")]),
            refused: refused()?,
            chosen: choices([("north", "North clinic"), ("south", "South barn")]),
            badges: BADGES,
            people: PEOPLE,
            list,
            dual: dual(),
            no_dual: DualList::new(NO_NOUNS, Vec::new(), None),
            bars: bars(),
            steps: Steps::new(&totals, &periods, now, |at| frame.day(&at)),
            meters: [Meter::new(seats(7, 2)), Meter::new(seats(11, 1))],
            frame,
        })
    }
}

pub(crate) async fn design(may: May<SignedIn>) -> Result<Response> {
    let page = may
        .read(async |tx, by| {
            let frame = may.frame(tx, by.user(), Here::Nowhere).await?;
            DesignPage::new(frame.page(&may, "", [], "Design"))
        })
        .await?;
    page::ok(&may, &page)
}
