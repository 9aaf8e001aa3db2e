//! The arguments of a call, read as JavaScript would.

use topsail_core::Payload;
use topsail_core::json::{Kind, Tape, View};
use topsail_core::proto::{Call, Cap, CapId, Message};

/// The arguments of a call: a plain array.
#[derive(Debug)]
pub(super) struct Args(Payload<Cap>);

impl Args {
    /// Takes the arguments out, by both ways there are, which must agree.
    pub(super) fn take(call: &mut Call, message: Option<Message<'_>>) -> Self {
        let (mut scratch, mut holes) = (Tape::default(), Vec::new());
        let view = call.arguments(message, &mut scratch, &mut holes).expect("arguments parse");
        let elements = view.elements().count();
        let places = holes.iter().map(|&index| view.at(index).kind()).collect::<Vec<_>>();
        let args = Args(call.take_arguments(message));
        assert!(places.iter().all(|&kind| kind == Kind::Array), "a hole is an array");
        if !call.is_get() {
            assert_eq!(elements, args.len());
        }
        assert!(args.0.caps().len() <= places.len(), "holes get lost only under forbidden keys");
        let is_promise = |cap: &Cap| matches!(cap, Cap::Promise(_));
        assert!(!args.0.caps().any(is_promise), "promises are waited for");
        args
    }

    pub(super) fn payload(&self) -> &Payload<Cap> {
        &self.0
    }

    pub(super) fn into_caps(mut self) -> Vec<Cap> {
        self.0.take_caps()
    }

    fn len(&self) -> usize {
        let mut tape = Tape::default();
        self.0.parse(&mut tape, &mut Vec::new()).expect("arguments parse").elements().count()
    }

    /// Looks at an argument; none if it is missing or undefined.
    pub(super) fn with<R>(&self, index: usize, look: impl FnOnce(View<'_>) -> R) -> Option<R> {
        let mut tape = Tape::default();
        let array = self.0.parse(&mut tape, &mut Vec::new()).expect("arguments parse");
        let view = array.elements().nth(index)?;
        (view.raw() != r#"["undefined"]"#).then(|| look(view))
    }

    /// An argument that is a number, or what JavaScript makes of others in arithmetic.
    pub(super) fn number(&self, index: usize) -> f64 {
        self.with(index, |view| view.as_f64()).flatten().unwrap_or(f64::NAN)
    }

    pub(super) fn number_or(&self, index: usize, default: f64) -> f64 {
        self.with(index, |view| view.as_f64().unwrap_or(f64::NAN)).unwrap_or(default)
    }

    pub(super) fn string(&self, index: usize) -> Option<String> {
        self.with(index, |view| view.as_str().map(|text| text.into_owned())).flatten()
    }

    pub(super) fn cap(&self, index: usize) -> Option<CapId> {
        self.with(index, |view| self.cap_at(view)).flatten()
    }

    /// A member of an argument that is an object.
    pub(super) fn member(&self, index: usize, name: &str) -> Option<CapId> {
        self.with(index, |view| {
            let mut members = view.members();
            let found = members.find(|(key, _)| key.as_str().is_some_and(|key| key == name));
            found.and_then(|(_, value)| self.cap_at(value))
        })
        .flatten()
    }

    /// An argument as text.
    pub(super) fn raw(&self, index: usize) -> Option<String> {
        self.with(index, |view| view.raw().to_owned())
    }

    pub(super) fn cap_at(&self, view: View<'_>) -> Option<CapId> {
        self.0.hole_at(view.start()).and_then(|number| self.0.cap(number)).map(|cap| cap.id())
    }
}
