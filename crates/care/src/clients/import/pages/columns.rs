//! The page on which the columns of a file get their meaning.

use askama::Template;
use axum::response::Response;

use crate::clients::{
    import::{
        About, Because, DateOrder, Field, Mapping, State,
        actions::{self, Preview},
        intake,
        upload::read_again,
    },
    pages::list_crumb,
};
use access::ImportKeeper;
use kernel::{
    error::{Error, Result},
    practice::PracticeKind,
};
use web::{
    Form, May,
    entry::Entry,
    page::{self, Frame, Here, crumb, go},
    parts::{Choice, ColumnChoice, choices},
};

#[derive(Template)]
#[template(path = "clients/templates/columns.html")]
struct ColumnsPage {
    frame: Frame,
    path: String,
    back: String,
    found: Preview,
    columns: Vec<ColumnChoice>,
    fields: Vec<Choice>,
    /// How dates may be read.
    orders: Vec<Choice>,
    entry: Entry,
}

impl ColumnsPage {
    fn caption(&self) -> String {
        format!("Columns of {}", self.found.row.name)
    }

    /// How many columns hold something and are left out.
    fn lost(&self) -> usize {
        self.found.about.ignored.len()
    }
}

/// How dates may be read; the first is what the file says.
fn orders(about: &About) -> Vec<Choice> {
    let now = match about.date_order {
        DateOrder::MonthFirst => "month first",
        DateOrder::DayFirst => "day first",
    };
    let why = match about.date_order_from {
        Because::Heading => format!("As the heading says ({now})"),
        Because::Dates => format!("As most dates in the file ({now})"),
        Because::Assumed => format!("Not clear from the file (assumed: {now})"),
        Because::Chosen => "Decide from the file".to_owned(),
    };
    choices([
        ("", why.as_str()),
        ("month_first", "Month first: 3/14/2019"),
        ("day_first", "Day first: 14/3/2019"),
    ])
}

/// What the select of a column offers: as many animals as the headings name, and one more.
fn fields(about: &About, practice: PracticeKind) -> Vec<Choice> {
    let places = about.columns.iter().filter_map(|column| column.field.and_then(Field::place));
    let animals = places.max().map_or(2, |place| place + 2).min(crate::clients::MOST_ANIMALS);
    let animals = if practice.has_animals() { animals } else { 0 };
    let mut fields = choices(Field::all(animals).map(|field| (field.word(), field.label())));
    fields.insert(0, Choice { value: String::new(), label: "Leave out".to_owned() });
    fields
}

fn columns(about: &About, form: Option<&Form>, entry: &Entry) -> Vec<ColumnChoice> {
    let typed = form.map(|form| form.all("column")).unwrap_or_default();
    let columns = about.columns.iter().enumerate().map(|(at, column)| ColumnChoice {
        name: tables::name_of(&column.heading, at),
        chosen: typed.get(at).cloned().unwrap_or_else(|| column.field.map(Field::word).unwrap_or_default()),
        fault: entry.fault(&format!("columns[{at}]")),
        samples: column.samples.clone(),
    });
    columns.collect()
}

fn own_path(may: &May<ImportKeeper>) -> String {
    may.request().path.trim_end_matches("/columns").to_owned()
}

async fn columns_page(may: &May<ImportKeeper>, form: Option<(Form, Error)>) -> Result<Response> {
    let (frame, found) = may
        .read(async |tx, by| {
            let frame = may.frame(tx, by.user(), Here::Group(by.account(), by.group())).await?;
            Ok((frame, actions::show(tx, by).await?))
        })
        .await?;
    let back = own_path(may);
    if !matches!(found.row.state, State::Ready | State::Reading) {
        return go(&back);
    }
    let group = found.row.group;
    let between = [
        list_crumb(group),
        crumb("Import clients", format!("/g/{group}/clients/import")),
        crumb(found.row.name.clone(), back.clone()),
    ];
    let order = found.about.mapping().order.map_or("", DateOrder::word);
    let (typed, entry) = match form {
        Some((form, error)) => {
            let typed = form.clone();
            (Some(typed), Entry::again(form, error)?)
        }
        None => (None, Entry::of(&[("date_order", order)])),
    };
    let fields = fields(&found.about, frame.kind);
    let page = ColumnsPage {
        fields,
        frame: frame.page(may, "clients", between, "Columns"),
        path: format!("{back}/columns"),
        back,
        columns: columns(&found.about, typed.as_ref(), &entry),
        orders: orders(&found.about),
        found,
        entry,
    };
    page::show(may, page.entry.status(), &page)
}

pub(crate) async fn show(may: May<ImportKeeper>) -> Result<Response> {
    columns_page(&may, None).await
}

/// The meaning that a form gives to columns.
fn chosen(form: &Form) -> Result<Mapping> {
    let field = |(at, word): (usize, &String)| match word.as_str() {
        "" => Ok(None),
        word => match Field::read(word) {
            Some(field) => Ok(Some(field)),
            None => Err(Error::field(format!("columns[{at}]"), "Choose a field from the list.")),
        },
    };
    let columns = form.all("column").iter().enumerate().map(field).collect::<Result<_>>()?;
    let mapping = Mapping { columns, order: DateOrder::read(form.get("date_order")) };
    if mapping.names_clients() {
        return Ok(mapping);
    }
    Err(Error::field("columns[0]", "Choose the column that has the clients’ names."))
}

pub(crate) async fn save(may: May<ImportKeeper>, form: Form) -> Result<Response> {
    let saved = async {
        let head = read_again(&may, chosen(&form)?).await?;
        may.write(async move |tx, by| intake::finish_again(tx, by, &head).await).await
    };
    let saved: Result<Preview> = saved.await;
    match saved {
        Ok(_) => go(&own_path(&may)),
        Err(error) => columns_page(&may, Some((form, error))).await,
    }
}
