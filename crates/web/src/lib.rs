//! Everything about HTTP that knows no slice: the state, who is calling, errors as answers, the
//! route table's parts, pages' frame, assets.

pub mod answer;
pub mod assets;
mod body;
pub mod bulk;
pub mod cookies;
pub mod csv;
pub mod docs;
pub mod dual;
pub mod entry;
mod errors;
pub mod example;
mod extract;
pub mod files;
mod guard;
mod line;
pub mod list;
pub mod lists;
pub mod live;
mod may;
pub mod openapi;
pub mod page;
pub mod parts;
mod rates;
pub mod route;
pub mod sheet;
mod state;
mod strict;
pub mod texts;

pub use answer::{
    Accepted, Answer, Created, Csv, Download, Json, JsonLines, MaybeLater, Named, NoContent, OrPdf, Page,
    Part, Pdf, PdfFile, Tagged, WithCookies,
};
pub use body::FileForm;
pub use bulk::Bulk;
pub use errors::{finish, not_found};
pub use extract::{
    Body, Form, Incoming, Input, Limit, Query, QueryForm, SentFile, double_option, not_null, text_or_null,
};
pub use guard::{cross_site, harden};
pub use lists::Lists;
pub use may::{May, Request};
pub use openapi::{Document, document};
pub use route::Route;
pub use state::App;
