//! What the disk asks for one durable write.

use std::{
    fs::{self, File},
    io::Write as _,
    path::Path,
    time::{Duration, Instant},
};

use crate::Outcome;

const TIMES: usize = 300;

pub(crate) fn run(folder: &str) -> Outcome {
    let path = Path::new(folder).join("fsync-probe");
    let mut file = File::create(&path)?;
    let mut took = (0..TIMES).map(|_| once(&mut file)).collect::<Result<Vec<_>, _>>()?;
    fs::remove_file(&path)?;
    took.sort();
    println!("{}", serde_json::json!({ "p50_us": took[TIMES / 2].as_micros(), "p99_us": took[TIMES * 99 / 100].as_micros() }));
    Ok(())
}

fn once(file: &mut File) -> std::io::Result<Duration> {
    let start = Instant::now();
    file.write_all(&[7; 4096])?;
    file.sync_data()?;
    Ok(start.elapsed())
}
