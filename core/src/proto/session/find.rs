//! Finding the capabilities in an expression: a walk over it that checks every form.

use std::ops::Range;

use super::Session;
use super::evaluate::{Evaluated, Scope};
use crate::json::{Kind, View};
use crate::normal::{Cuts, bracket_levels};
use crate::proto::call::Arguments;
use crate::proto::expression::{Form, is_data, is_double, read};
use crate::proto::ids::Cap;
use crate::proto::turn::Turn;
use crate::{RpcError, refusal};

/// The capabilities of an expression, where they stand in its text. They are references.
#[derive(Debug, Default)]
pub(super) struct Found {
    holes: Vec<Hole>,
    may_be_cut: bool,
    /// They stand in a plain list of expressions.
    is_list: bool,
    /// The deepest level in it, if there are capabilities.
    levels: usize,
}

/// A capability and the place of its expression.
#[derive(Debug)]
struct Hole {
    index: u32,
    bytes: Range<usize>,
    cap: Cap,
}

impl Found {
    pub(super) fn has_promises(&self) -> bool {
        self.holes.iter().any(|hole| hole.cap.is_promise())
    }

    /// What a copy leaves out.
    pub(super) fn cuts(&self, view: View<'_>) -> Cuts {
        match (self.may_be_cut, self.is_list) {
            (false, _) => Cuts::white_space(view),
            (true, false) => Cuts::of(view),
            (true, true) => Cuts::of_list(view),
        }
    }

    /// Whether all of it can be handed over as it stands in the message.
    pub(super) fn is_whole(&self, view: View<'_>) -> bool {
        if self.holes.is_empty() || !self.may_be_cut {
            return !self.has_promises();
        }
        let cuts = self.cuts(view);
        self.holes.iter().all(|hole| !hole.cap.is_promise() && !cuts.contain(hole.bytes.start))
    }

    /// How many containers are nested in an expression with capabilities, those around it included.
    pub(super) fn levels(&self) -> usize {
        self.levels
    }

    /// The holes, by their places.
    pub(super) fn into_holes(self) -> impl Iterator<Item = (Range<usize>, Cap)> {
        self.holes.into_iter().map(|hole| (hole.bytes, hole.cap))
    }

    pub(super) fn into_arguments(self, view: View<'_>) -> Arguments {
        let caps = self.holes.iter().map(|hole| (hole.index, hole.cap)).collect();
        Arguments::InMessage { at: view.index(), caps }
    }
}

impl Session {
    /// Evaluates what is in an expression, or in a plain list of expressions: checks every form
    /// and makes every call.
    pub(super) fn find_caps(
        &mut self,
        root: View<'_>,
        is_list: bool,
        scope: Scope<'_>,
        depth: usize,
        turn: &mut Turn,
    ) -> Evaluated<Found> {
        let may_be_cut = root.has_outstanding();
        let mut found = Found { is_list, may_be_cut, ..Found::default() };
        if is_data(root, is_list, depth, &self.limits) {
            return Ok(found);
        }
        let base = self.levels.len();
        let walked = self.walk(root, is_list, scope, (base, depth), &mut found, turn);
        self.levels.truncate(base);
        match walked {
            Ok(()) => Ok(found),
            Err(error) => {
                self.discard_found(found, turn);
                Err(error)
            }
        }
    }

    fn walk(
        &mut self,
        root: View<'_>,
        is_list: bool,
        scope: Scope<'_>,
        (base, depth): (usize, usize),
        found: &mut Found,
        turn: &mut Turn,
    ) -> Evaluated<()> {
        let (mut at, end) = (root.index(), root.next_index());
        if is_list {
            at = self.enter(root, (base, depth), found)?;
        }
        while at < end {
            let view = root.at(at);
            at = match view.kind() {
                Kind::Object => {
                    self.leave(at, base);
                    self.enter(view, (base, depth), found)?
                }
                Kind::Array => {
                    self.leave(at, base);
                    match view.escaped_array() {
                        Some(array) => self.enter(array, (base, depth), found)?,
                        None => {
                            let inner = depth + self.levels.len() - base;
                            self.walk_form(view, scope, (base, depth, inner), found, turn)?
                        }
                    }
                }
                Kind::Number if !is_double(view) => return Err(not_a_double(view)),
                _ => at + 1,
            };
        }
        Ok(())
    }

    /// Leaves the containers that end before an index.
    fn leave(&mut self, at: u32, base: usize) {
        while self.levels.len() > base && self.levels.last().is_some_and(|&next| next <= at) {
            self.levels.pop();
        }
    }

    fn walk_form(
        &mut self,
        view: View<'_>,
        scope: Scope<'_>,
        (base, depth, inner): (usize, usize, usize),
        found: &mut Found,
        turn: &mut Turn,
    ) -> Evaluated<u32> {
        let form = read(view, &self.limits)?;
        if let Form::Error(Some(props)) = form {
            return self.enter(props, (base, depth), found);
        }
        if is_web_form(view) {
            self.check_levels(inner + bracket_levels(view.raw()), found)?;
        }
        if let Form::Fetch(body) = form {
            if let Some(body) = body {
                self.walk_form(body, scope, (base, depth, inner + 1), found, turn)?;
            }
            return Ok(view.next_index());
        }
        if let Some(cap) = self.capability(view, form, scope, inner, turn)? {
            let bytes = view.start()..view.end();
            found.holes.push(Hole { index: view.index(), bytes, cap });
        }
        Ok(view.next_index())
    }

    /// Goes into a container; gives the tape index of the first thing in it.
    fn enter(
        &mut self,
        container: View<'_>,
        (base, depth): (usize, usize),
        found: &mut Found,
    ) -> Evaluated<u32> {
        let (at, next) = (container.index() + 1, container.next_index());
        if at < next {
            self.check_levels(depth + self.levels.len() - base + 1, found)?;
            self.levels.push(next);
        }
        Ok(at)
    }

    fn check_levels(&self, level: usize, found: &mut Found) -> Evaluated<()> {
        let limit = self.limits.max_depth_levels;
        found.levels = found.levels.max(level);
        if level < limit {
            return Ok(());
        }
        let why = "Deserialization exceeded maximum allowed message depth of ";
        Err(refusal::type_error(why, &limit, "."))
    }

    pub(super) fn discard_found(&mut self, found: Found, turn: &mut Turn) {
        for hole in found.holes {
            self.release_cap(hole.cap.id(), turn);
        }
    }
}

/// Whether there is plain JSON in a form, which may nest.
fn is_web_form(view: View<'_>) -> bool {
    let tag = view.elements().next().and_then(View::plain_str);
    matches!(tag, Some("headers" | "request" | "response"))
}

#[cold]
fn not_a_double(number: View<'_>) -> RpcError {
    refusal::range_error("a number is out of range: ", &refusal::start(number.raw(), 32), "")
}
