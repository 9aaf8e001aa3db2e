use proc_macro2::TokenStream;
use syn::{
    Attribute, FnArg, GenericParam, Generics, ImplItem, ImplItemFn, ItemImpl, Path, Signature,
    Type, TypeParamBound, Visibility, parse_quote,
};

use super::method;
use crate::attributes::{self, MethodAttributes};
use crate::errors::Errors;
use crate::model::{Method, Options, Place, Target};
use crate::types;

/// Reads the block under `#[rpc_target]`.
pub(crate) fn target(arguments: TokenStream, mut item: ItemImpl, errors: &mut Errors) -> Target {
    let options = attributes::options(arguments, errors);
    let interface = interface_path(&mut item, errors);
    let place = if interface.is_some() { Place::Served } else { Place::Target };
    if let Some(unsafety) = &item.unsafety {
        errors.add(unsafety, "a target's block is not `unsafe`", "remove `unsafe`");
    }
    let is_hopeless = !can_be_target(&item, errors);
    let mut methods = Vec::new();
    for item in &mut item.items {
        methods.extend(target_item(item, place, &options, errors));
    }
    let generics = static_generics(&item.generics);
    let self_type = (*item.self_ty).clone();
    Target { options, item, generics, is_hopeless, self_type, interface, methods }
}

fn interface_path(item: &mut ItemImpl, errors: &mut Errors) -> Option<Path> {
    let (negative, path, _) = item.trait_.take()?;
    if let Some(negative) = negative {
        errors.add(negative, "a target cannot be served negatively", "remove the `!`");
    }
    Some(path)
}

fn can_be_target(item: &ItemImpl, errors: &mut Errors) -> bool {
    let ty = &item.self_ty;
    if !matches!(types::strip(ty), Type::Path(_)) {
        let hint = "implement the methods on a struct or an enum of yours";
        errors.add(ty, "not a type that can be a target", hint);
        return false;
    }
    let Some(borrow) = types::first_borrow(ty) else { return true };
    let message = "a target cannot borrow: the client decides how long it lives";
    errors.add(borrow, message, "keep the data in the target, or in an `Rc`");
    false
}

/// The generics for the impls beside the block, whose types live as long as the client wants.
fn static_generics(generics: &Generics) -> Generics {
    let mut generics = generics.clone();
    for parameter in &mut generics.params {
        if let GenericParam::Type(parameter) = parameter {
            let lives: TypeParamBound = parse_quote!('static);
            parameter.bounds.push(lives);
        }
    }
    generics
}

fn target_item(
    item: &mut ImplItem,
    place: Place,
    options: &Options,
    errors: &mut Errors,
) -> Option<Method> {
    match item {
        ImplItem::Fn(function) if place == Place::Target => own(function, options, errors),
        ImplItem::Fn(function) => served(function, options, errors),
        _ if place == Place::Served => {
            let hint = "put it into an `impl` block without `#[rpc_target]`";
            errors.add(item, "an interface has only methods", hint);
            None
        }
        _ => None,
    }
}

/// A function in a target's own block: a method if it is `pub` and takes the target.
fn own(function: &mut ImplItemFn, options: &Options, errors: &mut Errors) -> Option<Method> {
    let written = MethodAttributes::take(&mut function.attrs, Place::Target, errors);
    let attributes = function.attrs.clone();
    let reachable = matches!(function.vis, Visibility::Public(_)) && written.skip.is_none();
    if reachable && function.sig.receiver().is_some() {
        let sig = &mut function.sig;
        return method::read(written, attributes, sig, Place::Target, options, errors);
    }
    if let (Some(attribute), None) = (&written.first, &written.skip) {
        unreachable(attribute, function, errors);
    }
    check_no_parameter_attributes(&mut function.sig, errors);
    None
}

fn unreachable(attribute: &Attribute, function: &ImplItemFn, errors: &mut Errors) {
    let name = &function.sig.ident;
    if function.sig.receiver().is_none() {
        let message = format!("`{name}` takes no `self`, so it is no method of the target");
        errors.add(attribute, message, "give it `&self`, or remove the attribute");
    } else {
        let message = format!("`{name}` is not `pub`, so it is not reachable over RPC");
        errors.add(attribute, message, "make it `pub`, or remove the attribute");
    }
}

fn check_no_parameter_attributes(sig: &mut Signature, errors: &mut Errors) {
    for input in &mut sig.inputs {
        let attributes = match input {
            FnArg::Receiver(receiver) => &mut receiver.attrs,
            FnArg::Typed(parameter) => &mut parameter.attrs,
        };
        for attribute in attributes::take_rpc(attributes) {
            let message = "this function is not reachable over RPC";
            errors.add(attribute, message, "remove the attribute, or make the method `pub`");
        }
    }
}

/// A method that serves an interface. It gets the visibility of an ordinary helper: whoever has
/// the type may call it, only the interface makes it reachable.
fn served(function: &mut ImplItemFn, options: &Options, errors: &mut Errors) -> Option<Method> {
    let written = MethodAttributes::take(&mut function.attrs, Place::Served, errors);
    if let Some(attribute) = &written.first {
        let message = "the interface says what its methods are called and how they are reached";
        errors.add(attribute, message, "put the attribute on the method in the interface");
    }
    if matches!(function.vis, Visibility::Inherited) {
        function.vis = parse_quote!(pub(crate));
    }
    let attributes = function.attrs.clone();
    let unnamed = MethodAttributes::default();
    method::read(unnamed, attributes, &mut function.sig, Place::Served, options, errors)
}
