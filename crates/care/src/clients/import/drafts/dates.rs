//! Dates as people and programs write them.

use jiff::civil::Date;

use crate::clients::import::columns::DateOrder;
use kernel::text;

/// How dates of a file are read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Calendar {
    /// Which number is the month where both could be.
    pub(super) order: DateOrder,
    /// Years of two digits are the latest that are not after this day.
    pub(super) today: Date,
}

/// A date that was read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Read {
    pub(super) date: Date,
    /// Whether it can only be read against the file's order.
    pub(super) against: bool,
}

/// The numbers of a date between slashes or hyphens, where the order of the first two is the file's: `3/14/2019`.
pub(super) fn in_order(text: &str) -> Option<(i16, i16)> {
    let day = without_time(text);
    if !day.contains(['/', '-']) {
        return None;
    }
    let parts = day.split(['/', '-']).map(str::trim).collect::<Vec<_>>();
    match parts.as_slice() {
        [first, second, year] if first.len() < 3 && (year.len() == 4 || year.len() == 2) => {
            Some((first.parse().ok()?, second.parse().ok()?))
        }
        _ => None,
    }
}

/// The text without a time of day after it.
fn without_time(text: &str) -> &str {
    let text = text.trim();
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let parts = |at: usize| bytes[at] == b'T' && at > 0 && digit(at - 1) && digit(at + 1);
    let end = (0..bytes.len()).find(|at| parts(*at)).unwrap_or(bytes.len());
    let text = &text[..end];
    let time = |word: &str| word.contains(':');
    match text.split_whitespace().find(|word| time(word)) {
        Some(word) => {
            let at = text.find(word).unwrap_or(text.len());
            text[..at].trim_end_matches([' ', ',', '\t'])
        }
        None => text,
    }
}

const MONTHS: [&[&str]; 12] = [
    &["jan", "january", "ene", "enero", "januar", "janner"],
    &["feb", "february", "febrero", "februar"],
    &["mar", "march", "marzo", "marz", "mrz"],
    &["apr", "april", "abr", "abril"],
    &["may", "mayo", "mai"],
    &["jun", "june", "junio", "juni"],
    &["jul", "july", "julio", "juli"],
    &["aug", "august", "ago", "agosto"],
    &["sep", "sept", "september", "septiembre", "setiembre"],
    &["oct", "october", "octubre", "okt", "oktober"],
    &["nov", "november", "noviembre"],
    &["dec", "december", "dic", "diciembre", "dez", "dezember"],
];

impl Calendar {
    pub(super) fn new(order: DateOrder, today: Date) -> Self {
        Self { order, today }
    }

    /// The day of a text, whatever its form.
    pub(super) fn read(self, text: &str) -> Option<Read> {
        let day = without_time(text);
        if day.is_empty() || day.len() > 60 {
            return None;
        }
        if let Ok(number) = day.parse::<f64>() {
            return self.of_digits(day, number).map(plain);
        }
        if day.chars().any(char::is_alphabetic) {
            return self.with_name(day).map(plain);
        }
        let sign = ['.', '/', '-', ' '].into_iter().find(|sign| day.contains(*sign))?;
        let parts = day.split(sign).map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>();
        let [first, second, third] = parts.as_slice() else { return None };
        let (one, two) = (second.parse::<i16>().ok()?, third.parse::<i16>().ok()?);
        let zero = first.parse::<i16>().ok()?;
        if first.len() == 4 {
            return day_of(zero, one, two).map(plain);
        }
        let year = self.year(third)?;
        let (month_first, day_first) = (day_of(year, zero, one), day_of(year, one, zero));
        let order = if sign == '.' { DateOrder::DayFirst } else { self.order };
        let (asked, other) = match order {
            DateOrder::MonthFirst => (month_first, day_first),
            DateOrder::DayFirst => (day_first, month_first),
        };
        let against = asked.is_none() && sign != '.';
        asked.or(other).map(|date| Read { date, against })
    }

    /// A year of four digits, or of two: the latest that is not to come.
    fn year(self, text: &str) -> Option<i16> {
        let year = text.parse::<i16>().ok()?;
        match text.len() {
            4 => Some(year),
            2 => {
                let this = self.today.year();
                let year = this - this % 100 + year;
                Some(if year > this { year - 100 } else { year })
            }
            _ => None,
        }
    }

    /// `19700314`, `03141970`, or days as spreadsheets count them.
    fn of_digits(self, text: &str, number: f64) -> Option<Date> {
        if text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            let part = |from: usize, to: usize| text[from..to].parse::<i16>().ok();
            let iso = day_of(part(0, 4)?, part(4, 6)?, part(6, 8)?).filter(|date| date.year() > 1849);
            let (first, second, year) = (part(0, 2)?, part(2, 4)?, part(4, 8)?);
            return iso.or_else(|| match self.order {
                DateOrder::MonthFirst => day_of(year, first, second),
                DateOrder::DayFirst => day_of(year, second, first),
            });
        }
        serial(number)
    }

    /// `14-Mar-1970`, `March 14, 1970`, `14. März 70`.
    fn with_name(self, text: &str) -> Option<Date> {
        let words = text::words(text);
        let mut month = None;
        let mut numbers = Vec::new();
        for word in &words {
            let digits = word.trim_end_matches(|c: char| c.is_ascii_lowercase());
            if let Some(at) = MONTHS.iter().position(|names| names.contains(&word.as_str())) {
                if month.replace(i16::try_from(at).ok()? + 1).is_some() {
                    return None;
                }
            } else if let Ok(_number) = digits.parse::<i16>() {
                if !matches!(&word[digits.len()..], "" | "st" | "nd" | "rd" | "th") {
                    return None;
                }
                numbers.push(digits.to_owned());
            } else if !matches!(word.as_str(), "de" | "del" | "of" | "the" | "den" | "am") && !weekday(word) {
                return None;
            }
        }
        let [first, second] = numbers.as_slice() else { return None };
        let (day, year) = if first.len() == 4 { (second, first) } else { (first, second) };
        day_of(self.year(year)?, month?, day.parse().ok()?)
    }
}

fn plain(date: Date) -> Read {
    Read { date, against: false }
}

fn weekday(word: &str) -> bool {
    let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    names.iter().any(|name| word.starts_with(name)) && (word.len() == 3 || word.ends_with("day"))
}

fn day_of(year: i16, month: i16, day: i16) -> Option<Date> {
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// A day as spreadsheets count: 25641 is March 14, 1970. Numbers of four digits are years, and no days.
pub(crate) fn serial(number: f64) -> Option<Date> {
    const EPOCH: Date = Date::constant(1899, 12, 30);
    if !(10_000.0..80_000.0).contains(&number) {
        return None;
    }
    #[allow(clippy::cast_possible_truncation, reason = "it was bounded above")]
    let days = number.floor() as i64;
    EPOCH.checked_add(jiff::Span::new().try_days(days).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calendar(order: DateOrder) -> Calendar {
        Calendar::new(order, Date::constant(2026, 3, 2))
    }

    fn read(text: &str) -> Option<String> {
        calendar(DateOrder::MonthFirst).read(text).map(|read| read.date.to_string())
    }

    #[test]
    fn one_day_is_read_in_all_its_forms() {
        for text in [
            "1970-03-14",
            "1970-03-14T00:00:00Z",
            "1970-03-14 00:00:00",
            "3/14/1970 12:00:00 AM",
            "14-Mar-1970",
            "March 14, 1970",
            "3/14/70",
            "19700314",
            "25641",
            "25641.0",
            "1970-3-14",
            "14.03.1970",
            "1970/03/14",
            "Sat, 14 Mar 1970",
            "14. März 1970",
            "14 de marzo de 1970",
            "March 14th, 1970",
            "03-14-1970",
            "03141970",
            "14.3.70",
            "1970-03-14T05:00:00.000+01:00",
            " 14/3/1970 ",
            "Mar-14-70",
            "1970 Mar 14",
        ] {
            assert_eq!(read(text).as_deref(), Some("1970-03-14"), "{text}");
        }
    }

    #[test]
    fn what_is_no_day_is_none() {
        for text in [
            "",
            "0/0/00",
            "0000-00-00",
            "31.13.2020",
            "1970",
            "12",
            "soon",
            "2 years",
            "3/14",
            "99/99/1970",
            "1970-02-30",
            "5 mo",
            "12/31/1970/2",
            "nan",
            "inf",
            "1e9",
            "-25641",
            "14 foo 1970",
            "é-é-é",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn two_digits_are_the_latest_year_that_was() {
        assert_eq!(read("1/2/26").as_deref(), Some("2026-01-02"));
        assert_eq!(read("1/2/27").as_deref(), Some("1927-01-02"));
        assert_eq!(read("1/2/00").as_deref(), Some("2000-01-02"));
    }

    #[test]
    fn the_order_decides_where_both_could_be() {
        let british = calendar(DateOrder::DayFirst);
        let found = |text| british.read(text).map(|read| (read.date.to_string(), read.against)).unwrap();
        assert_eq!(found("3/4/1970"), ("1970-04-03".into(), false));
        assert_eq!(found("12/31/1980"), ("1980-12-31".into(), true));
        assert_eq!(found("03041970"), ("1970-04-03".into(), false));
        assert_eq!(read("3/4/1970").as_deref(), Some("1970-03-04"));
        assert_eq!(in_order("03/04/1970 10:00"), Some((3, 4)));
        assert_eq!(in_order("1970-03-04"), None);
        assert_eq!(in_order("3.4.1970"), None);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "([0-9]{1,4}|[-/. :T]|mar|th|é|de){0,8}|.*") {
            let _ = (calendar(DateOrder::DayFirst).read(&text), in_order(&text));
        }
    }
}
