//! Time zones as people look for them: by place, with the time there, those of the United States first.

use jiff::tz::TimeZone;
use kernel::clock::Time;

/// The zones that most of our readers live in, by the names that they use.
const FIRST: [(&str, &str); 7] = [
    ("America/New_York", "Eastern Time (New York)"),
    ("America/Chicago", "Central Time (Chicago)"),
    ("America/Denver", "Mountain Time (Denver)"),
    ("America/Phoenix", "Mountain Time without daylight saving (Phoenix)"),
    ("America/Los_Angeles", "Pacific Time (Los Angeles)"),
    ("America/Anchorage", "Alaska Time (Anchorage)"),
    ("Pacific/Honolulu", "Hawaii Time (Honolulu)"),
];

/// The parts of the world that names of places begin with; other names, such as *Factory* or *Etc/GMT+5*, are no places.
const WORLD: [&str; 10] = [
    "Africa/",
    "America/",
    "Antarctica/",
    "Arctic/",
    "Asia/",
    "Atlantic/",
    "Australia/",
    "Europe/",
    "Indian/",
    "Pacific/",
];

/// The name and the label of every place, with the time there at this moment, and of UTC; also of `current`, whatever it
/// is called.
pub fn zones(now: Time, current: &str) -> Vec<(String, String)> {
    let mut found = FIRST.map(|(zone, label)| choice(zone, label, now)).to_vec();
    let known = jiff::tz::db().available().map(|name| name.to_string());
    let listed = |zone: &String| FIRST.iter().any(|(first, _)| first == zone);
    let mut places = known
        .filter(|zone| WORLD.iter().any(|part| zone.starts_with(part)) && !listed(zone))
        .map(|zone| (place(&zone), zone))
        .collect::<Vec<_>>();
    places.sort();
    found.extend(places.into_iter().map(|(label, zone)| choice(&zone, &label, now)));
    found.push(choice("UTC", "Coordinated Universal Time (UTC)", now));
    if !current.is_empty() && !found.iter().any(|(zone, _)| zone == current) {
        found.push(choice(current, current, now));
    }
    found
}

fn choice(zone: &str, label: &str, now: Time) -> (String, String) {
    let there =
        TimeZone::get(zone).map(|zone| now.timestamp().to_zoned(zone).strftime("%-I:%M %p").to_string());
    (zone.to_owned(), [label, &there.unwrap_or_default()].join(", "))
}

/// "America/Argentina/Buenos_Aires" as "Buenos Aires (Argentina, America)".
fn place(zone: &str) -> String {
    let mut parts = zone.rsplit('/').map(|part| part.replace('_', " "));
    let city = parts.next().unwrap_or_default();
    format!("{city} ({})", parts.collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_places_with_their_time() {
        let march = Time::from_micros(1_772_442_000_000_000);
        let found = zones(march, "America/Chicago");
        assert_eq!(found[1].1, "Central Time (Chicago), 3:00 AM");
        let labels = found.iter().map(|(_, label)| label.as_str()).collect::<Vec<_>>();
        assert!(labels.contains(&"Berlin (Europe), 10:00 AM"));
        assert!(labels.contains(&"Buenos Aires (Argentina, America), 6:00 AM"));
        assert!(!labels.iter().any(|label| label.contains("Factory") || label.contains("Etc")));
        let values = found.iter().map(|(zone, _)| zone).collect::<std::collections::BTreeSet<_>>();
        assert_eq!(values.len(), found.len(), "each zone once");
    }

    #[test]
    fn a_zone_that_an_account_has_stays_choosable() {
        let found = zones(Time::from_micros(0), "US/Central");
        assert_eq!(found.last().map(|(zone, _)| zone.as_str()), Some("US/Central"));
    }
}
