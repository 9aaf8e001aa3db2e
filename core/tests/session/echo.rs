//! `echo`: what JavaScript makes of a value when it decodes and encodes it again.

use topsail_core::json::{Kind, Tape, View, write_f64, write_str};
use topsail_core::proto::{Cap, Limits, Message, Session, Turn};
use topsail_core::{Payload, RpcError};

use super::args::Args;
use super::world::World;

/// The first argument.
pub(super) fn echo(world: &mut World, args: &Args) -> Payload<Cap> {
    let mut out = Payload::empty();
    if args.with(0, |view| write(world, args, &mut out, view)).is_none() {
        return Payload::default();
    }
    out
}

/// The error that an expression spells.
pub(super) fn error(expression: &str) -> RpcError {
    let mut session = Session::new(None, Limits::default());
    let (text, mut tape) = (format!("[\"abort\",{expression}]"), Tape::default());
    let message = Message::parse(&text, &mut tape, 256).expect("an expression");
    session.recv(message, &mut Turn::default()).expect("an abort is no error");
    session.closed().expect("the session has ended").clone()
}

fn write(world: &mut World, args: &Args, out: &mut Payload<Cap>, view: View<'_>) {
    if let Some(cap) = args.cap_at(view) {
        let cap = world.retain(cap);
        return out.push_cap(cap);
    }
    match view.kind() {
        Kind::Object => object(world, args, out, view, &[]),
        Kind::Array => match view.escaped_array() {
            Some(array) => {
                out.text_mut().push_str("[[");
                separated(out, array.elements(), |out, view| write(world, args, out, view));
                out.text_mut().push_str("]]");
            }
            None => form(world, args, out, view),
        },
        Kind::Number => write_f64(out.text_mut(), view.as_f64().unwrap_or_default()),
        _ => out.text_mut().push_str(view.raw()),
    }
}

fn form(world: &mut World, args: &Args, out: &mut Payload<Cap>, view: View<'_>) {
    let mut rest = view.elements();
    let kind = rest.next().and_then(View::plain_str).expect("the kind of a form");
    match (kind, rest.next()) {
        ("inf" | "-inf" | "nan", _) => out.text_mut().push_str(&format!("[\"{kind}\"]")),
        ("date", Some(time)) => date(out.text_mut(), time),
        ("bytes", Some(base64)) => {
            let text = base64.as_str().expect("base64 is a string");
            out.text_mut().push_str(&format!("[\"bytes\",\"{}\"", text.trim_end_matches('=')));
            let container = rest.next().and_then(View::plain_str).unwrap_or("Uint8Array");
            if container != "Uint8Array" {
                out.text_mut().push_str(&format!(",\"{container}\""));
            }
            out.text_mut().push(']');
        }
        ("error", Some(name)) => {
            let name = name.plain_str().unwrap_or_default();
            let (message, props) = (rest.next().unwrap_or_default(), rest.nth(1));
            error_value(world, args, out, (known_error(name), message), props);
        }
        _ => out.text_mut().push_str(view.raw()),
    }
}

fn known_error(name: &str) -> &str {
    const KNOWN: &str = " EvalError RangeError ReferenceError SyntaxError TypeError URIError \
        AggregateError ";
    if KNOWN.contains(&format!(" {name} ")) { name } else { "Error" }
}

fn error_value(
    world: &mut World,
    args: &Args,
    out: &mut Payload<Cap>,
    (name, message): (&str, View<'_>),
    props: Option<View<'_>>,
) {
    out.text_mut().push_str(&format!("[\"error\",\"{name}\","));
    write_str(out.text_mut(), &message.as_str().unwrap_or_default());
    let hidden = ["name", "message", "stack"];
    let is_shown = |key: View<'_>| key.as_str().is_none_or(|key| !hidden.contains(&&*key));
    let props = props.filter(|props| props.members().any(|(key, _)| is_shown(key)));
    match props {
        Some(props) => {
            out.text_mut().push_str(",null,");
            object(world, args, out, props, &hidden);
        }
        None if name == "AggregateError" => out.text_mut().push_str(",null,{\"errors\":[[]]}"),
        None => {}
    }
    out.text_mut().push(']');
}

/// The members without the hidden ones; of equal keys the last counts.
fn object(world: &mut World, args: &Args, out: &mut Payload<Cap>, view: View<'_>, hidden: &[&str]) {
    let all: Vec<_> = view.members().collect();
    let is_kept = |index: usize| {
        let (key, _) = all[index];
        let name = key.as_str();
        let is_last = all[index + 1..].iter().all(|(later, _)| later.as_str() != name);
        is_last && name.is_none_or(|name| !hidden.contains(&&*name))
    };
    let kept = (0..all.len()).filter(|&index| is_kept(index)).map(|index| all[index]);
    out.text_mut().push('{');
    separated(out, kept, |out, (key, value)| {
        out.text_mut().push_str(key.raw());
        out.text_mut().push(':');
        write(world, args, out, value);
    });
    out.text_mut().push('}');
}

fn separated<T>(
    out: &mut Payload<Cap>,
    items: impl Iterator<Item = T>,
    mut write: impl FnMut(&mut Payload<Cap>, T),
) {
    for (index, item) in items.enumerate() {
        if index > 0 {
            out.text_mut().push(',');
        }
        write(out, item);
    }
}

/// JavaScript's TimeClip: whole milliseconds within 100 million days of 1970.
fn date(out: &mut String, time: View<'_>) {
    out.push_str("[\"date\",");
    match time.as_f64().filter(|time| time.abs() <= 8.64e15) {
        Some(time) => write_f64(out, time.trunc()),
        None => out.push_str("null"),
    }
    out.push(']');
}
