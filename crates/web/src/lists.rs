//! What a request asks of a list: how much of it, from where, in which order, since when; the same for every list.

use serde::{Deserialize, de::DeserializeOwned};
use utoipa::{
    IntoParams, PartialSchema as _,
    openapi::{
        KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat,
        path::{Parameter, ParameterBuilder, ParameterIn},
        schema::Type,
    },
};

use crate::{
    Incoming, Input, Limit, extract,
    route::{Described, Notes},
    strict,
};
use kernel::{
    clock::Time,
    error::{Error, Fault, Result},
};
use storage::list::{Asked, Listing, Sorted, Sorts};

/// The part of a list that is asked for, and of which of its rows: `Q`, out of the same query.
pub struct Lists<L: Sorted, Q = All> {
    /// From where on, in which order.
    pub listing: Listing<L>,
    /// How many items the page has at most.
    pub limit: i64,
    /// Which rows.
    pub filter: Q,
}

/// All rows of a list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct All {}

/// What any list takes.
#[derive(Deserialize)]
struct Common {
    #[serde(default)]
    limit: Limit,
    cursor: Option<String>,
    sort: Option<String>,
    created_after: Option<Time>,
    updated_after: Option<Time>,
}

/// The parameters of a list, apart from its filter.
fn names(sorts: &Sorts) -> Vec<&'static str> {
    let mut names = vec!["limit", "cursor", "sort"];
    names.extend(sorts.created.then_some("created_after"));
    names.extend(sorts.updated.then_some("updated_after"));
    names
}

impl<L: Sorted, Q: DeserializeOwned + IntoParams + Send> Input for Lists<L, Q> {
    const QUERY: bool = true;

    async fn take(Incoming { parts, .. }: &mut Incoming) -> Result<Self> {
        let own = names(L::SORTS);
        let (common, rest): (Vec<_>, Vec<_>) =
            extract::pairs(parts)?.into_iter().partition(|(name, _)| own.contains(&name.as_str()));
        let filter = strict::query(rest).map_err(|wrong| with_known::<Q>(wrong, &own))?;
        let Common { limit: Limit(limit), cursor, sort, created_after, updated_after } =
            strict::query(common)?;
        let asked = Asked { sort: sort.as_deref(), cursor: cursor.as_deref(), created_after, updated_after };
        Ok(Self { listing: Listing::read(asked)?, limit, filter })
    }
}

/// Names every parameter that there is where one is unknown: the filter's reader knows its own alone.
fn with_known<Q: IntoParams>(wrong: Error, own: &[&str]) -> Error {
    let Some(fault) = wrong.fields().first().filter(|fault| fault.code == "unknown_field") else {
        return wrong;
    };
    let params = Q::into_params(|| None);
    let known = params.iter().map(|parameter| parameter.name.as_str()).chain(own.iter().copied());
    let known = known.collect::<Vec<_>>().join(", ");
    let detail = format!("There is no such field here. Known: {known}.");
    Error::field(fault.field.to_string(), Fault::new("unknown_field", detail))
}

impl<L: Sorted, Q: IntoParams> Described for Lists<L, Q> {
    fn describe(notes: &mut Notes) {
        notes.parameters.extend(Q::into_params(|| Some(ParameterIn::Query)));
        notes.parameters.extend(parameters(L::SORTS));
    }
}

fn parameters(sorts: &Sorts) -> Vec<Parameter> {
    let parameter = |name: &str, words: Option<&str>, schema: RefOr<Schema>| {
        let parameter = ParameterBuilder::new().name(name).parameter_in(ParameterIn::Query);
        let parameter = parameter.required(utoipa::openapi::Required::False).description(words);
        parameter.schema(Some(schema)).build()
    };
    let text = || ObjectBuilder::new().schema_type(Type::String);
    let time = || text().format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime))).into();
    let orders = text().enum_values(Some(sorts.names())).default(Some(sorts.first.into()));
    let mut all = vec![
        parameter("limit", None, Limit::schema()),
        parameter("cursor", None, text().into()),
        parameter(
            "sort",
            Some("What to sort by; with `-`, from the last or greatest. A cursor continues one order only."),
            orders.into(),
        ),
    ];
    if sorts.created {
        all.push(parameter("created_after", Some("Only what was created after this time."), time()));
    }
    if sorts.updated {
        all.push(parameter("updated_after", Some("Only what was changed after this time."), time()));
    }
    all
}
