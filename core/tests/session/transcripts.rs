//! What npm `capnweb` 0.12.0 answers, the session answers.

use serde_json::Value;
use topsail_core::proto::Limits;

use super::compare::{Names, head, parse};
use super::table::check_all;
use super::transcript::{Step, Transcript, all};
use super::world::World;

#[test]
fn as_the_reference() {
    let transcripts = all();
    assert!(transcripts.len() > 165);
    check_all(&transcripts, |transcript| &transcript.name, check);
}

fn check(transcript: &Transcript) -> Result<(), String> {
    let mut world = World::new(Limits::default());
    run(&mut world, transcript)?;
    world.disconnect();
    world.check_empty();
    Ok(())
}

/// Lets a world answer the frames of a transcript.
pub(super) fn run(world: &mut World, transcript: &Transcript) -> Result<(), String> {
    let names = Names::new(transcript.steps.iter().flat_map(|step| &step.down));
    if transcript.is_free {
        Loose::new(names).check(world, transcript)
    } else {
        strict(world, names, transcript)
    }
}

fn check_end(world: &World, transcript: &Transcript) -> Result<(), String> {
    let stats = world.session.stats();
    let end = world.session.closed().is_none().then_some((stats.exports, stats.imports));
    if end != transcript.end {
        return Err(format!("end {end:?} in place of {:?}", transcript.end));
    }
    if end.is_some() && stats.calls > 0 {
        return Err(format!("{} calls are left", stats.calls));
    }
    Ok(())
}

fn strict(world: &mut World, mut names: Names, transcript: &Transcript) -> Result<(), String> {
    for step in &transcript.steps {
        let sent = up(world, &names, step);
        let differ = || format!("\n  wanted {:?}\n  got    {sent:?}", step.down);
        if sent.len() != step.down.len() {
            return Err(differ());
        }
        for (theirs, ours) in step.down.iter().zip(&sent) {
            if !names.same_message(&parse(theirs), &parse(ours)) {
                return Err(differ());
            }
        }
    }
    check_end(world, transcript)
}

fn up(world: &mut World, names: &Names, step: &Step) -> Vec<String> {
    let frames = step.up.iter().filter_map(|frame| names.translate(frame));
    frames.flat_map(|frame| world.recv(&frame)).collect()
}

/// Compares what the frames mean: the pushes in order; the answers of pulls, each in its step; the
/// resolutions of the promises that both sent, and the releases, by the end.
struct Loose {
    names: Names,
    their_resolutions: Vec<Value>,
    our_resolutions: Vec<Value>,
    their_releases: Vec<(i64, u64)>,
    our_releases: Vec<(i64, u64)>,
    given_up: Vec<i64>,
}

impl Loose {
    fn new(names: Names) -> Self {
        Loose {
            names,
            their_resolutions: Vec::new(),
            our_resolutions: Vec::new(),
            their_releases: Vec::new(),
            our_releases: Vec::new(),
            given_up: Vec::new(),
        }
    }

    fn check(mut self, world: &mut World, transcript: &Transcript) -> Result<(), String> {
        for step in &transcript.steps {
            for frame in step.up.iter().map(|frame| parse(frame)) {
                if let ("release", id) = head(&frame) {
                    self.given_up.push(id);
                }
            }
            let sent = up(world, &self.names, step);
            let (theirs, ours) = (frames(&step.down), frames(&sent));
            let why = |what: &str| format!("{what}\n  wanted {:?}\n  got    {sent:?}", step.down);
            self.pushes(&theirs, &ours).map_err(why)?;
            self.answers(theirs, ours).map_err(why)?;
        }
        self.resolutions()?;
        self.releases()?;
        check_end(world, transcript)
    }

    fn pushes(&mut self, theirs: &[Value], ours: &[Value]) -> Result<(), &'static str> {
        let is_push = |frame: &&Value| matches!(head(frame).0, "push" | "stream" | "pipe");
        let mut ours = ours.iter().filter(is_push);
        for push in theirs.iter().filter(is_push) {
            if self.names.is_alias(push) {
                continue;
            }
            let ours = ours.next().ok_or("a push is missing")?;
            if !self.names.same_push(push, ours) {
                return Err("a push differs");
            }
        }
        ours.next().map_or(Ok(()), |_| Err("a push too many"))
    }

    fn answers(&mut self, theirs: Vec<Value>, mut ours: Vec<Value>) -> Result<(), &'static str> {
        for frame in theirs {
            let (kind, id) = head(&frame);
            match (kind, id) {
                ("resolve" | "reject", ..0) => self.their_resolutions.push(frame),
                ("resolve" | "reject", _) => {
                    let is_it = |ours: &Value| head(ours) == (kind, id);
                    match ours.iter().position(is_it).map(|index| ours.remove(index)) {
                        Some(ours) if self.names.same_message(&frame, &ours) => {}
                        Some(_) => return Err("an answer differs"),
                        None if self.given_up.contains(&id) => {}
                        None => return Err("an answer is missing"),
                    }
                }
                ("release", id) => {
                    if let Some(id) = self.names.our_import(id) {
                        self.their_releases.push((id, count(&frame)));
                    }
                }
                _ => {}
            }
        }
        for frame in ours {
            match head(&frame) {
                ("resolve" | "reject", ..0) => self.our_resolutions.push(frame),
                ("release", id) => self.our_releases.push((id, count(&frame))),
                ("pull" | "push" | "stream" | "pipe", _) => {}
                _ => return Err("an answer too many"),
            }
        }
        Ok(())
    }

    fn resolutions(&mut self) -> Result<(), String> {
        for theirs in std::mem::take(&mut self.their_resolutions) {
            let (kind, id) = head(&theirs);
            let Some(our_id) = self.names.our_export(id) else { continue };
            let is_it = |ours: &Value| head(ours) == (kind, our_id);
            let ours = self.our_resolutions.iter().position(is_it);
            let ours = ours.map(|index| self.our_resolutions.remove(index));
            if !ours.as_ref().is_some_and(|ours| self.names.same_message(&theirs, ours)) {
                return Err(format!("{theirs} was expected, not {ours:?}"));
            }
        }
        if self.our_resolutions.is_empty() {
            return Ok(());
        }
        Err(format!("not expected: {:?}", self.our_resolutions))
    }

    fn releases(&mut self) -> Result<(), String> {
        self.their_releases.sort_unstable();
        self.our_releases.sort_unstable();
        if self.their_releases == self.our_releases {
            return Ok(());
        }
        Err(format!("releases {:?} in place of {:?}", self.our_releases, self.their_releases))
    }
}

fn frames(texts: &[String]) -> Vec<Value> {
    texts.iter().map(|text| parse(text)).collect()
}

fn count(release: &Value) -> u64 {
    release[2].as_u64().expect("a count")
}
