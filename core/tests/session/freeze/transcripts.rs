//! Freezing and thawing in the middle of a transcript changes no frame of it.

use std::cell::Cell;

use topsail_core::proto::{Limits, Pin};

use super::super::table::check_all;
use super::super::transcript::{Transcript, all};
use super::super::transcripts::run;
use super::super::world::World;
use super::numbered;

#[test]
fn the_same_frames() {
    let frozen = Cell::new(0);
    let transcripts = all();
    check_all(
        &transcripts,
        |transcript| &transcript.name,
        |transcript| {
            let record = record(transcript)?;
            frozen.set(frozen.get() + replay(&record, |_| true)?);
            for at in 0..record.len() {
                replay(&record, |frame| frame == at)?;
            }
            Ok(())
        },
    );
    assert!(frozen.get() > 1000, "frozen only {} times", frozen.get());
}

type Record = Vec<(String, Vec<String>)>;

fn record(transcript: &Transcript) -> Result<Record, String> {
    let mut world = World::new(Limits::default());
    run(&mut world, transcript)?;
    Ok(world.record)
}

/// Sends the frames again, and freezes behind those that are wanted, where it can be done.
fn replay(record: &Record, is_wanted: impl Fn(usize) -> bool) -> Result<usize, String> {
    let mut world = World::new(Limits::default());
    let mut frozen = 0;
    for (index, (frame, expected)) in record.iter().enumerate() {
        let sent = world.recv(frame);
        if sent != *expected {
            return Err(format!("{frame}\n  wanted {expected:?}\n  got    {sent:?}"));
        }
        check_pins(&world)?;
        if is_wanted(index) && world.session.is_quiescent() {
            world.hibernate();
            frozen += 1;
        }
    }
    world.disconnect();
    world.check_empty();
    Ok(frozen)
}

/// Every target has a name: only what runs, waits or has ended pins.
fn check_pins(world: &World) -> Result<(), String> {
    let pins = world.session.pins(&[], &mut numbered);
    let is_activity = |pin: &Pin| {
        matches!(pin, Pin::Call(_) | Pin::Waiting(_) | Pin::Pull(_) | Pin::Stream | Pin::Closed)
    };
    if pins.is_empty() == world.session.is_quiescent() && pins.iter().all(is_activity) {
        return Ok(());
    }
    Err(format!("quiescent: {}, pins: {pins:?}", world.session.is_quiescent()))
}
