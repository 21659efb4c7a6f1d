//! Charts, drawn on the server as SVG: pure. Colors and fonts come from the stylesheet, so they follow
//! light and dark; every chart says in words what it shows.

use askama::{Template, filters::HtmlSafe};

use kernel::{clock::Time, text::grouped};

impl HtmlSafe for Bars {}
impl HtmlSafe for Steps {}

/// The width of a chart in its own units, which are about a pixel on most screens.
const WIDTH: f64 = 340.0;
/// The height that one bar takes with the words above it.
const ROW: f64 = 40.0;
/// The longest name of a bar, in characters: what fits beside its figure.
const NAME: usize = 34;
/// The drawing's edges within the chart of steps: left, right, top, bottom.
const PLOT: (f64, f64, f64, f64) = (30.0, 336.0, 10.0, 128.0);

/// A bar of a chart.
struct Bar {
    name: String,
    short: String,
    value: i64,
    figure: String,
    /// Where its words stand, from the top.
    words: f64,
    /// Where it begins, from the top.
    top: f64,
    /// How wide it is.
    width: f64,
}

/// Counts side by side, as horizontal bars.
#[derive(Template)]
#[template(path = "dashboard/templates/bars.html")]
pub(crate) struct Bars {
    id: &'static str,
    title: String,
    about: String,
    /// The heading of the names in the table.
    column: &'static str,
    /// The heading of the counts in the table.
    unit: &'static str,
    bars: Vec<Bar>,
    height: f64,
}

/// A name, or its beginning where it would not fit.
fn short(name: &str) -> String {
    match name.chars().count() {
        ..=NAME => name.to_owned(),
        _ => format!("{}…", name.chars().take(NAME - 1).collect::<String>().trim_end()),
    }
}

impl Bars {
    /// A chart of these names with their counts, in this order. `id` is unique on its page; `column` and
    /// `unit` name the names and the counts.
    pub(crate) fn new(
        id: &'static str,
        title: impl Into<String>,
        column: &'static str,
        unit: &'static str,
        counts: Vec<(String, i64)>,
    ) -> Self {
        let figured = counts.into_iter().map(|(name, value)| (name, value, grouped(value)));
        Self::figured(id, title, column, unit, figured.collect())
    }

    /// As [`Bars::new`], with each value as it is written.
    pub(crate) fn figured(
        id: &'static str,
        title: impl Into<String>,
        column: &'static str,
        unit: &'static str,
        counts: Vec<(String, i64, String)>,
    ) -> Self {
        let most = counts.iter().map(|(_, value, _)| *value).max().unwrap_or(0).max(1);
        let told = counts.iter().map(|(name, _, figure)| format!("{name}: {figure}"));
        let about = told.collect::<Vec<_>>().join("; ");
        let bar = |(i, (name, value, figure)): (usize, (String, i64, String))| {
            let top = i as f64 * ROW;
            // Something is never drawn as nothing.
            let width = if value == 0 { 0.0 } else { (value as f64 / most as f64 * WIDTH).max(3.0) };
            Bar { short: short(&name), name, value, figure, words: top + 15.0, top: top + 22.0, width }
        };
        let bars = counts.into_iter().enumerate().map(bar).collect::<Vec<_>>();
        Self { id, title: title.into(), about, column, unit, height: bars.len() as f64 * ROW, bars }
    }

    /// Whether there is anything to show.
    pub(crate) fn needed(&self) -> bool {
        self.bars.iter().any(|bar| bar.value > 0)
    }
}

/// Since a moment, so many there were and so many of them were taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Step {
    at: Time,
    total: i64,
    used: i64,
}

/// A line of the table beside the chart of steps.
struct StepRow {
    day: String,
    total: i64,
    used: i64,
}

/// How many licenses there were and were taken, over time, as lines with steps.
#[derive(Template)]
#[template(path = "dashboard/templates/steps.html")]
pub(crate) struct Steps {
    about: String,
    total: String,
    used: String,
    area: String,
    /// The heights of the lines across with their figures.
    grid: Vec<(f64, i64)>,
    from: String,
    until: String,
    rows: Vec<StepRow>,
    now: (i64, i64),
}

/// How many days the table beside the chart shows at most, the last ones.
const DAYS: usize = 60;

/// Both histories in one, oldest first: changes of the total, and who took a license from when to when.
fn steps(totals: &[(Time, i64)], periods: &[(Time, Option<Time>)]) -> Vec<Step> {
    let taken = periods.iter().map(|(since, _)| (*since, None, 1));
    let freed = periods.iter().filter_map(|(_, until)| until.map(|until| (until, None, -1)));
    let changes = totals.iter().map(|(at, total)| (*at, Some(*total), 0));
    let mut events = changes.chain(taken).chain(freed).collect::<Vec<_>>();
    events.sort_by_key(|(at, ..)| *at);
    let mut steps: Vec<Step> = Vec::new();
    for (at, total, change) in events {
        let last = steps.last().copied().unwrap_or(Step { at, total: 0, used: 0 });
        let next = Step { at, total: total.unwrap_or(last.total), used: last.used + change };
        match steps.last_mut() {
            Some(last) if last.at == at => *last = next,
            _ => steps.push(next),
        }
    }
    steps
}

/// Where the lines across stand: none, half and all of a round number that holds everything.
fn scale(most: i64) -> (i64, i64) {
    let half = match most {
        ..=2 => 1,
        3..=20 => (most + 1) / 2,
        _ => (most + 9) / 10 * 5,
    };
    (half, half * 2)
}

impl Steps {
    /// The chart of these histories, up to now; nothing where there is no history. `day` writes a moment's date.
    pub(crate) fn new(
        totals: &[(Time, i64)],
        periods: &[(Time, Option<Time>)],
        now: Time,
        day: impl Fn(Time) -> String,
    ) -> Option<Self> {
        let steps = steps(totals, periods);
        let (first, last) = (*steps.first()?, *steps.last()?);
        let most = steps.iter().map(|step| step.total.max(step.used)).max().unwrap_or(0);
        let (half, top) = scale(most);
        let span = now.since(first.at).max(1) as f64;
        let (left, right, above, below) = PLOT;
        let x = |at: Time| left + (at.since(first.at) as f64 / span).clamp(0.0, 1.0) * (right - left);
        let y = |count: i64| below - count as f64 / top as f64 * (below - above);
        let line = |count: fn(&Step) -> i64| {
            let mut path = format!("M{:.1} {:.1}", x(first.at), y(count(&first)));
            for step in &steps[1..] {
                path.push_str(&format!("H{:.1}V{:.1}", x(step.at), y(count(step))));
            }
            path.push_str(&format!("H{right:.1}"));
            path
        };
        let used = line(|step| step.used);
        let (from, until) = (day(first.at), day(now));
        Some(Self {
            about: format!(
                "From {from} to {until}: now {} licenses, {} used. The most was {}.",
                last.total,
                last.used,
                steps.iter().map(|step| step.total).max().unwrap_or(0)
            ),
            total: line(|step| step.total),
            area: format!("{used}V{below:.1}H{left:.1}Z"),
            used,
            grid: vec![(y(0), 0), (y(half), half), (y(top), top)],
            from,
            until,
            rows: rows(&steps, day),
            now: (last.total, last.used),
        })
    }
}

/// How it stood at the end of each day on which something changed, the last day first.
fn rows(steps: &[Step], day: impl Fn(Time) -> String) -> Vec<StepRow> {
    let mut rows: Vec<StepRow> = Vec::new();
    for step in steps.iter().rev() {
        let day = day(step.at);
        if rows.last().is_none_or(|row| row.day != day) {
            rows.push(StepRow { day, total: step.total, used: step.used });
        }
        if rows.len() == DAYS {
            break;
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::clock::DAY;

    fn day(days: i64) -> Time {
        Time::from_micros(days * DAY)
    }

    #[test]
    fn nothing_is_told_as_nothing() {
        assert!(Steps::new(&[], &[], day(100), |at| at.to_string()).is_none());
        assert!(!Bars::new("b", "Activity", "Group", "Entries", vec![]).needed());
        assert!(!Bars::new("b", "Activity", "Group", "Entries", vec![("A".into(), 0)]).needed());
    }

    #[test]
    fn one_point_is_a_line_from_side_to_side() {
        let chart = Steps::new(&[(day(100), 5)], &[], day(100), |at| at.to_string()).unwrap();
        assert_eq!(chart.total, "M30.0 29.7H336.0");
        assert_eq!(chart.rows.len(), 1);
        assert_eq!((chart.now, chart.grid.iter().map(|line| line.1).max()), ((5, 0), Some(6)));
    }

    #[test]
    fn both_histories_are_told_together_and_the_last_of_a_moment_counts() {
        let steps =
            steps(&[(day(1), 2), (day(5), 4)], &[(day(1), None), (day(1), Some(day(3))), (day(3), None)]);
        let told = steps.iter().map(|step| (step.at, step.total, step.used)).collect::<Vec<_>>();
        assert_eq!(told, [(day(1), 2, 2), (day(3), 2, 2), (day(5), 4, 2)]);
    }

    #[test]
    fn the_scale_holds_everything() {
        for most in 0..200 {
            let (half, top) = scale(most);
            assert!(top >= most && half * 2 == top && half > 0, "{most}");
        }
    }

    #[test]
    fn bars_are_as_long_as_their_counts_and_names_are_escaped_and_cut() {
        let counts = vec![("<b>A & B</b>".to_owned(), 40), ("x".repeat(90), 10), ("none".to_owned(), 0)];
        let chart = Bars::new("b", "Activity", "Group", "Entries", counts);
        let widths = chart.bars.iter().map(|bar| bar.width).collect::<Vec<_>>();
        assert_eq!(widths, [340.0, 85.0, 0.0]);
        assert_eq!(chart.bars[1].short.chars().count(), NAME);
        let html = chart.to_string();
        assert!(html.contains("&#60;b&#62;A &#38; B") && !html.contains("<b>"), "{html}");
        assert!(html.contains(&"x".repeat(90)), "the table has the whole name");
        assert!(!html.contains("style="));
    }
}
