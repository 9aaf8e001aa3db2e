use proc_macro2::Span;
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{Ident, Pat, PatType, Type, TypeReference, parse_quote};

use crate::attributes::{ParameterAttributes, hidden};
use crate::errors::Errors;
use crate::model::{Lend, Mode, Parameter, Place, Value};
use crate::types;

/// Reads a parameter; `None` once its mistake is reported.
///
/// `lives_on`: the method is async, so its arguments outlive the message they came in.
pub(super) fn read(
    position: usize,
    input: &mut PatType,
    place: Place,
    lives_on: bool,
    errors: &mut Errors,
) -> Option<Parameter> {
    let mut attributes = ParameterAttributes::take(&mut input.attrs, errors);
    if let (Some(default), Place::Interface) = (&attributes.default, place) {
        let hint = "take an `Option`: the side that serves the method has the default";
        errors.add(&default.at, "an interface has no defaults", hint);
        attributes.default = None;
    }
    let ty = &input.ty;
    check(ty, place, lives_on, errors)?;
    let (value, lend) = passing(ty, place);
    let (value, mode) = match (attributes.rest, attributes.default) {
        (Some(_), _) => rest(ty, value, errors)?,
        (None, Some(default)) => (value, Mode::Default(Box::new(default))),
        (None, None) => (value, Mode::Plain),
    };
    let name = name(position, &input.pat, place, errors)?;
    Some(Parameter { name, span: input.pat.span(), value, lend, mode })
}

fn name(position: usize, pattern: &Pat, place: Place, errors: &mut Errors) -> Option<Ident> {
    let Place::Interface = place else {
        return Some(Ident::new(&format!("argument_{position}"), hidden(Span::call_site())));
    };
    match pattern {
        Pat::Ident(pattern) if pattern.subpat.is_none() => Some(pattern.ident.clone()),
        Pat::Wild(wild) => Some(Ident::new(&format!("argument_{position}"), wild.span())),
        other => {
            let message = "a parameter of an interface has a name";
            errors.add(other, message, "write `name: Type`");
            None
        }
    }
}

/// Reports a type that no argument can have.
fn check(ty: &Type, place: Place, lives_on: bool, errors: &mut Errors) -> Option<()> {
    if types::has_impl_trait(ty) {
        let hint = match text(ty).contains("impl Fn") {
            true => {
                "a function of the client is an `RpcStub`, or with types an `RpcStub<dyn Interface>`"
            }
            false => "name the type: the client's message does not choose one",
        };
        errors.add(ty, "a method called over RPC cannot be generic", hint);
        return None;
    }
    if let Type::Reference(reference) = types::strip(ty) {
        check_reference(reference, ty, errors)?;
    }
    match lives_on && place != Place::Interface {
        true => check_owned(ty, errors),
        false => check_borrow(ty, place, errors),
    }
}

fn check_reference(reference: &TypeReference, ty: &Type, errors: &mut Errors) -> Option<()> {
    if reference.mutability.is_some() {
        let hint = "take the value: nothing can be written back into the client's copy";
        errors.add(ty, "an argument cannot be borrowed mutably", hint);
        return None;
    }
    if reference.lifetime.as_ref().is_some_and(|lifetime| lifetime.ident == "static") {
        let hint = format!("no message lives that long: take `{}`", owned(ty));
        errors.add(ty, "an argument cannot be `'static`", hint);
        return None;
    }
    Some(())
}

/// An async method outlives the message, and may not borrow from it.
fn check_owned(ty: &Type, errors: &mut Errors) -> Option<()> {
    let Some(borrow) = types::first_borrow(ty) else { return Some(()) };
    let owned = owned(&borrow);
    let hint = format!("an async method outlives the message it came in: take `{owned}`");
    errors.add(borrow, "an async method cannot borrow its arguments", hint);
    None
}

/// A sync method may borrow an argument, but serde could not decode a reference inside of one: a
/// string with escapes in it is nowhere in the message as it is.
fn check_borrow(ty: &Type, place: Place, errors: &mut Errors) -> Option<()> {
    let inner = lent(ty).unwrap_or(ty);
    if let Some(reference) = types::first_reference(inner) {
        let whole = text(ty);
        let message = format!("an argument can be borrowed only as a whole, not inside `{whole}`");
        let hint = format!("take `{}` there", owned(&reference));
        errors.add(reference, message, hint);
        return None;
    }
    if place == Place::Target {
        return Some(());
    }
    let Some(borrow) = types::first_borrow(inner) else { return Some(()) };
    errors.add(borrow, "an interface's argument cannot be borrowed", "write an owned type");
    None
}

/// The `T` of `&T`, or the `str` of `Option<&str>`.
fn lent(ty: &Type) -> Option<&Type> {
    match types::strip(ty) {
        Type::Reference(reference) => Some(&reference.elem),
        _ => optional_text(ty),
    }
}

fn optional_text(ty: &Type) -> Option<&Type> {
    match types::strip(types::argument_of(ty, "Option")?) {
        Type::Reference(reference) if types::is_named(&reference.elem, "str") => {
            Some(&reference.elem)
        }
        _ => None,
    }
}

/// What to write instead of a borrowed type.
fn owned(ty: &Type) -> String {
    match types::strip(ty) {
        Type::Reference(reference) => match types::strip(&reference.elem) {
            inner if types::is_named(inner, "str") => "String".to_owned(),
            Type::Slice(slice) if types::is_named(&slice.elem, "u8") => "topsail::Bytes".to_owned(),
            Type::Slice(slice) => format!("Vec<{}>", text(&slice.elem)),
            inner => text(inner),
        },
        ty => match types::argument_of(ty, "Cow") {
            Some(_) if text(ty).ends_with("str>") => "String".to_owned(),
            Some(inner) => text(inner),
            None => "a type without lifetimes".to_owned(),
        },
    }
}

fn text(ty: &Type) -> String {
    let text = ty.to_token_stream().to_string();
    text.replace(" < ", "<").replace(" >", ">").replace("& ", "&").replace(" ,", ",")
}

/// What is decoded for a type and how it is passed. An interface's arguments are always owned, so
/// that a method of either kind, sync or async, can serve it.
fn passing(ty: &Type, place: Place) -> (Value, Lend) {
    let owned = place != Place::Target;
    if optional_text(ty).is_some() {
        let value = match owned {
            true => boxed(parse_quote!(::core::option::Option<::std::string::String>)),
            false => Value::OptionalText,
        };
        return (value, Lend::OptionalReference);
    }
    if let Type::Reference(reference) = types::strip(ty) {
        return (referenced(&reference.elem, owned), Lend::Reference);
    }
    let borrows = types::first_borrow(ty).is_some() && !owned;
    let inner = types::arguments_of(ty, "Cow").unwrap_or_default();
    match *inner {
        [inner] if types::is_named(inner, "str") && borrows => (Value::Text, Lend::Into),
        _ => (boxed(types::erase_lifetimes(ty)), Lend::Move),
    }
}

/// What is decoded for the `T` of `&T`.
fn referenced(ty: &Type, owned: bool) -> Value {
    match types::strip(ty) {
        ty if types::is_named(ty, "str") && !owned => Value::Text,
        ty if types::is_named(ty, "str") => boxed(parse_quote!(::std::string::String)),
        Type::Slice(slice) if types::is_named(&slice.elem, "u8") => Value::Bytes,
        Type::Slice(slice) => {
            let element = types::erase_lifetimes(&slice.elem);
            boxed(parse_quote!(::std::vec::Vec<#element>))
        }
        ty => boxed(types::erase_lifetimes(ty)),
    }
}

fn boxed(ty: Type) -> Value {
    Value::Type(Box::new(ty))
}

fn rest(ty: &Type, value: Value, errors: &mut Errors) -> Option<(Value, Mode)> {
    if let Value::Type(decoded) = &value
        && let Some(element) = types::argument_of(decoded, "Vec")
    {
        let mode = Mode::Rest(Box::new(element.clone()));
        return Some((value, mode));
    }
    let hint = "write `#[rpc(rest)] values: Vec<T>`";
    errors.add(ty, "what remains of the arguments is a vector", hint);
    None
}
