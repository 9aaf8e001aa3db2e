//! Functions of maps, looked through once for all elements.
//!
//! Most instructions call one method with values, variables and properties of variables, and most
//! results are made of such too. For these no expression is read again for each element. All
//! others are evaluated as expressions.

use crate::json::{Elements, Kind, View};
use crate::proto::expression::{Form, read};
use crate::proto::limits::Limits;
use crate::proto::message::Span;

/// The instructions of a map function.
#[derive(Debug)]
pub(super) struct Program<'p> {
    pub(super) steps: Vec<Step<'p>>,
    /// The last instruction, which gives the output.
    pub(super) output: Step<'p>,
}

/// An instruction as it is written, and what it is found to be.
#[derive(Debug)]
pub(super) struct Step<'p> {
    pub(super) view: View<'p>,
    pub(super) plan: Plan<'p>,
}

#[derive(Debug)]
pub(super) enum Plan<'p> {
    /// A call of a method of a variable.
    Call { on: i64, method: Method<'p>, arguments: Template<'p> },
    /// A value, and no call.
    Value(Template<'p>),
    /// Something else: to be evaluated.
    Expression,
}

/// The name of a method.
#[derive(Clone, Copy, Debug)]
pub(super) struct Method<'p> {
    pub(super) name: &'p str,
    /// In the text of the function.
    pub(super) span: Span,
}

/// An expression, or a list of expressions, cut into text and variables. There is nothing else in
/// it that has to be evaluated or left out.
#[derive(Debug)]
pub(super) struct Template<'p> {
    /// Pieces of text and the variable behind each.
    pub(super) pieces: Vec<(&'p str, Variable<'p>)>,
    pub(super) rest: &'p str,
    /// How many containers are nested in it, those around it included.
    pub(super) levels: usize,
}

/// A variable of a map function, or a property of one.
#[derive(Clone, Debug)]
pub(super) struct Variable<'p> {
    pub(super) id: i64,
    /// What it resolves to is meant, not a stub of it.
    pub(super) is_promise: bool,
    pub(super) path: Elements<'p>,
}

/// Containers around the instructions.
pub(super) const AROUND_INSTRUCTIONS: usize = 1;

impl<'p> Program<'p> {
    /// Looks through a list of instructions. None if there are none.
    pub(super) fn of(list: View<'p>, limits: &Limits) -> Option<Self> {
        let mut steps = Vec::new();
        let mut instructions = list.elements();
        let mut view = instructions.next()?;
        for next in instructions {
            let plan = call(view, limits).unwrap_or(Plan::Expression);
            steps.push(Step { view, plan });
            view = next;
        }
        let plan = Template::of(view, false, limits).map_or(Plan::Expression, Plan::Value);
        Some(Program { steps, output: Step { view, plan } })
    }
}

/// A call of one method.
fn call<'p>(view: View<'p>, limits: &Limits) -> Option<Plan<'p>> {
    let (on, Some(list)) = variable(view, limits)? else { return None };
    let mut names = on.path;
    let name = names.next()?;
    let method = Method { name: name.plain_str()?, span: Span::of(name)? };
    if names.next().is_some() {
        return None;
    }
    Some(Plan::Call { on: on.id, method, arguments: Template::of(list, true, limits)? })
}

impl<'p> Template<'p> {
    /// None if there is something in it that has to be evaluated or left out.
    #[inline(never)]
    fn of(root: View<'p>, is_list: bool, limits: &Limits) -> Option<Self> {
        if root.has_outstanding() || root.is_spaced() {
            return None;
        }
        let (mut pieces, mut levels) = (Vec::new(), 0);
        let (mut at, mut from) = (root.index(), root.start());
        // Where the containers end that are open.
        let mut open = Vec::new();
        if is_list {
            open.push(root.next_index());
            at += 1;
        }
        while at < root.next_index() {
            let view = root.at(at);
            while open.last().is_some_and(|&end| end <= at) {
                open.pop();
            }
            let container = view.escaped_array().unwrap_or(view);
            at = container.index() + 1;
            match container.kind() {
                Kind::Array if container.index() == view.index() => {
                    let (variable, None) = variable(view, limits)? else { return None };
                    pieces.push((root.text().get(from..view.start())?, variable));
                    (at, from) = (view.next_index(), view.end());
                }
                Kind::Array | Kind::Object => open.push(container.next_index()),
                Kind::Number if !view.is_moderate() => return None,
                _ => {}
            }
            levels = levels.max(AROUND_INSTRUCTIONS + open.len());
        }
        let rest = root.text().get(from..root.end())?;
        (levels < limits.max_depth_levels).then_some(Template { pieces, rest, levels })
    }
}

/// A variable with its path, and the arguments if it is called.
#[inline(never)]
fn variable<'p>(view: View<'p>, limits: &Limits) -> Option<(Variable<'p>, Option<View<'p>>)> {
    let Ok(Form::Import { id, is_promise, path, arguments }) = read(view, limits) else {
        return None;
    };
    let path = path.map(View::elements).unwrap_or_default();
    Some((Variable { id, is_promise, path }, arguments))
}
