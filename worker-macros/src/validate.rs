//! The rules that need more than one method, or a finished one.

use syn::Ident;

use crate::errors::Errors;
use crate::model::{Interface, Kind, Method, Mode, Output, Target};
use crate::names;

/// Checks the methods of a target. One that serves an interface has the interface's names.
pub(crate) fn target(target: &Target, errors: &mut Errors) {
    for method in &target.methods {
        check_parameters(method, errors);
    }
    if target.interface.is_none() {
        check_names(&target.methods, errors);
        check_one_call(&target.methods, errors);
    }
}

/// Checks the methods of an interface.
pub(crate) fn interface(interface: &Interface, errors: &mut Errors) {
    for method in &interface.methods {
        check_parameters(method, errors);
        check_shadowed(&method.name, errors);
    }
    check_names(&interface.methods, errors);
    check_one_call(&interface.methods, errors);
}

fn check_parameters(method: &Method, errors: &mut Errors) {
    if let (Kind::Getter, Some(_)) = (method.kind, method.parameters.first()) {
        let message = format!("a getter takes no arguments, and `{}` does", method.name);
        let hint = "a client reads it as a property: remove `get` or the parameters";
        errors.add(&method.name, message, hint);
    }
    if let (Kind::Getter, Output::Unit) = (method.kind, &method.output) {
        let message = format!("the getter `{}` gives nothing", method.name);
        errors.add(&method.name, message, "return the value of the property");
    }
    let before_last = method.parameters.split_last().map_or(&[][..], |(_, before)| before);
    for parameter in before_last {
        if let Mode::Rest(element) = &parameter.mode {
            let hint = "it takes all arguments that remain: move it to the end";
            errors.add(element, "`rest` belongs on the last parameter", hint);
        }
    }
}

fn check_names(methods: &[Method], errors: &mut Errors) {
    let mut seen: Vec<&Method> = Vec::new();
    for method in methods.iter().filter(|method| method.kind != Kind::Call) {
        let name = &method.wire.name;
        check_name(method, errors);
        match seen.iter().find(|other| other.wire.name == *name) {
            // Methods under `cfg` may exclude each other; the compiler sees which are left.
            Some(other) if method.cfgs.is_empty() && other.cfgs.is_empty() => {
                let message = format!("two methods are called `{name}` on the wire");
                errors.add(at(method), message, "choose another with `#[rpc(name = \"…\")]`");
                let message = format!("the other method called `{name}`");
                errors.merge(syn::Error::new_spanned(at(other), message));
            }
            _ => seen.push(method),
        }
    }
}

fn check_name(method: &Method, errors: &mut Errors) {
    let name = &method.wire.name;
    if name.is_empty() {
        errors.add(at(method), "a name on the wire is not empty", "remove `name = \"\"`");
    }
    if let Some(reason) = names::reserved(name) {
        let message = format!("no client can reach `{name}`: {reason}");
        let hint = "choose another name with `#[rpc(name = \"…\")]`";
        errors.add(at(method), message, hint);
    }
}

/// The tokens that chose the name on the wire.
fn at(method: &Method) -> &dyn quote::ToTokens {
    match &method.wire.written {
        Some(written) => written,
        None => &method.name,
    }
}

fn check_one_call(methods: &[Method], errors: &mut Errors) {
    let calls = methods.iter().filter(|method| method.kind == Kind::Call);
    for method in calls.skip(1) {
        let hint = "one method runs when the target is called as a function";
        errors.add(&method.name, "a second `#[rpc(call)]`", hint);
    }
}

fn check_shadowed(name: &Ident, errors: &mut Errors) {
    if names::shadowed(&name.to_string()) {
        let message = format!("every stub has a method `{name}` of its own, which would hide this");
        let hint = format!("call it otherwise in Rust: `#[rpc(name = \"{name}\")] fn {name}_…`");
        errors.add(name, message, hint);
    }
}
