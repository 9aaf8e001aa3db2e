//! Freezing sessions and thawing them.

mod frames;
mod hostile;
mod lossy;
mod names;
mod pins;
mod sizes;
mod transcripts;

use topsail_core::json::write_f64;
use topsail_core::proto::{
    Cap, CapId, Limits, Name, Session, SturdyRef, TargetId, ThawError, Thawed, Turn,
};
use topsail_core::{Payload, RpcError};

use super::objects::Object;
use super::world::{MAIN, World};

/// The number under which a world's kept capability is held.
const KEPT: u32 = 3;

impl World {
    /// Forgets everything but the bytes of the frozen session and the log, and goes on.
    fn hibernate(&mut self) {
        let bytes = self.freeze();
        let (stats, pending_pulls) = (self.session.stats(), self.session.pending_pulls());
        let living = self.objects.iter().skip(1).flatten().count();
        self.objects = vec![Some(Object::Main)];
        let Thawed { session, held } = self.thaw(&bytes);
        self.session = session;
        self.kept = held.first().map(|&(_, cap)| cap);
        assert_eq!(self.objects.len() - 1, living, "targets are found once, and all of them");
        assert!(self.turn.out.is_empty(), "all of the peer's is held: {:?}", self.turn.out);
        self.idle(None);
        assert_eq!(self.session.pending_pulls(), pending_pulls);
        let thawed = self.session.stats();
        assert_eq!((thawed.exports, thawed.imports), (stats.exports, stats.imports));
        assert_eq!(thawed.calls, 0);
        // Less where a value was a stub of a stub.
        assert!(thawed.bytes <= stats.bytes && (thawed.bytes > 0) == (stats.bytes > 0));
        assert_eq!(self.freeze(), bytes, "freezing again gives the same");
    }

    fn freeze(&self) -> Vec<u8> {
        let objects = &self.objects;
        let mut name = |target: TargetId| {
            let object = objects[target.0 as usize].as_ref().expect("the target lives");
            Name::Sturdy(sturdy(object))
        };
        let mut bytes = Vec::new();
        let frozen = self.session.freeze(&self.held(), &mut name, &mut bytes);
        frozen.unwrap_or_else(|pinned| panic!("{pinned}"));
        bytes
    }

    fn held(&self) -> Vec<(u32, CapId)> {
        self.kept.iter().map(|&kept| (KEPT, kept)).collect()
    }

    fn thaw(&mut self, bytes: &[u8]) -> Thawed {
        let (objects, limits) = (&mut self.objects, self.session.limits().clone());
        let mut find = |name: &SturdyRef| {
            objects.push(Some(revived(name)));
            Ok(TargetId(objects.len() as u64 - 1))
        };
        Session::thaw(bytes, Some(MAIN), limits, &mut find, &mut self.turn).expect("it thaws")
    }
}

fn sturdy(object: &Object) -> SturdyRef {
    let (kind, state) = match object {
        Object::Main => panic!("the main object needs no name"),
        Object::Counter(value) => {
            let mut text = String::new();
            write_f64(&mut text, *value);
            ("counter", text)
        }
        Object::Square => ("square", String::new()),
        Object::Method(method) => ("method", method.clone()),
    };
    SturdyRef { kind: kind.into(), state: state.into() }
}

fn revived(name: &SturdyRef) -> Object {
    match &*name.kind {
        "counter" => Object::Counter(name.state.parse().expect("a number")),
        "square" => Object::Square,
        "method" => Object::Method(name.state.to_string()),
        kind => panic!("no such kind: {kind}"),
    }
}

/// A name that says which target it is.
fn numbered(target: TargetId) -> Name {
    let state = target.0.to_string().into();
    Name::Sturdy(SturdyRef { kind: "target".into(), state })
}

fn by_number(name: &SturdyRef) -> Result<TargetId, RpcError> {
    Ok(TargetId(name.state.parse()?))
}

fn thaw(bytes: &[u8], turn: &mut Turn) -> Result<Thawed, ThawError> {
    Session::thaw(bytes, Some(MAIN), Limits::default(), &mut by_number, turn)
}

fn arguments() -> Payload<Cap> {
    Payload::from_text("[]".into())
}
