//! Fixed pieces of work of a server: `cargo bench -p topsail-core` times them, and
//! `scripts/instructions.mjs` counts their instructions. See `benches/README.md`.

mod api;
mod jobs;
mod text;

use std::hint::black_box;
use std::time::{Duration, Instant};

use jobs::{JOBS, Job};

const TIME_FOR_EACH: Duration = Duration::from_millis(300);

fn main() {
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|text| text != "--bench").collect();
    match arguments.as_slice() {
        [count, name] if count == "--count" => count_once(name),
        names => timed(names),
    }
}

/// Does one job with warm memory. Callgrind collects inside of `measured` only.
fn count_once(name: &str) {
    let job = JOBS.iter().find(|job| job.name == name).expect("the name of a job");
    let mut run = (job.prepare)();
    for _ in 0..3 {
        run();
    }
    measured(&mut run);
    println!("{}", job.operations);
}

#[inline(never)]
fn measured(run: &mut dyn FnMut() -> usize) {
    black_box(run());
}

fn timed(names: &[String]) {
    let is_wanted = |job: &&Job| names.is_empty() || names.iter().any(|name| name == job.name);
    for job in JOBS.iter().filter(is_wanted) {
        let mut run = (job.prepare)();
        black_box(run());
        let (start, mut rounds) = (Instant::now(), 0);
        while start.elapsed() < TIME_FOR_EACH {
            black_box(run());
            rounds += 1;
        }
        let nanos = start.elapsed().as_nanos() / rounds / job.operations as u128;
        println!("{:20} {nanos:>10} ns for one of {}", job.name, job.operations);
    }
}
