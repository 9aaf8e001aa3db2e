use syn::ext::IdentExt;
use syn::{Attribute, FnArg, GenericParam, Receiver as SelfParameter, ReturnType, Signature, Type};

use super::parameter;
use crate::attributes::MethodAttributes;
use crate::errors::Errors;
use crate::model::{Kind, Method, Options, Output, Parameter, Place, Receiver, Wire};
use crate::types;

/// Reads a method that is reachable. Takes our attributes off its parameters.
pub(super) fn read(
    written: MethodAttributes,
    attributes: Vec<Attribute>,
    sig: &mut Signature,
    place: Place,
    options: &Options,
    errors: &mut Errors,
) -> Option<Method> {
    check_head(sig, place, errors);
    let is_async = sig.asyncness.is_some();
    let receiver = sig.receiver().map(|receiver| read_receiver(receiver, place, errors));
    if receiver.is_none() {
        let message = format!("`{}` does not take the object it is called on", sig.ident);
        errors.add(&sig.ident, message, "give it `&self`");
    }
    let parameters = read_parameters(sig, place, errors);
    let (cfgs, attributes) =
        attributes.into_iter().partition(|attribute| attribute.path().is_ident("cfg"));
    Some(Method {
        name: sig.ident.clone(),
        wire: read_wire(&written, sig, options),
        kind: read_kind(&written),
        receiver: receiver??,
        is_async,
        parameters: parameters?,
        output: read_output(&sig.output, place, errors)?,
        cfgs,
        attributes,
    })
}

fn check_head(sig: &Signature, place: Place, errors: &mut Errors) {
    if let Some(unsafety) = &sig.unsafety {
        let hint = "a client cannot keep a safety contract: check what it sends, in a safe method";
        errors.add(unsafety, "an `unsafe` method cannot be called over RPC", hint);
    }
    if let Some(abi) = &sig.abi {
        let hint = "remove it: the ABI means nothing over RPC";
        errors.add(abi, "an `extern` method cannot be called over RPC", hint);
    }
    if let (Some(constness), Place::Interface) = (&sig.constness, place) {
        errors.add(constness, "a method of an interface is not `const`", "remove `const`");
    }
    if let Some(variadic) = &sig.variadic {
        let hint = "take what remains with `#[rpc(rest)] values: Vec<T>`";
        errors.add(variadic, "a C-variadic method cannot be called over RPC", hint);
    }
    for parameter in &sig.generics.params {
        if !matches!(parameter, GenericParam::Lifetime(_)) {
            let hint = "name the type: the client's message does not choose one";
            errors.add(parameter, "a method called over RPC cannot be generic", hint);
        }
    }
}

/// How the method takes its target; `None` once reported.
fn read_receiver(receiver: &SelfParameter, place: Place, errors: &mut Errors) -> Option<Receiver> {
    let found = known_receiver(&receiver.ty);
    if place == Place::Interface && !is_reference_to_self(&receiver.ty) {
        let hint = "write `&self`: how the other side takes its object is its own business";
        errors.add(receiver, "a method of an interface takes `&self`", hint);
        return None;
    }
    if matches!(&*receiver.ty, Type::Reference(reference) if reference.mutability.is_some()) {
        let hint = "take `&self` and keep what changes in a `Cell` or a `RefCell`";
        let message = "`&mut self` is not possible: several calls can run at once";
        errors.add(receiver, message, hint);
    } else if found.is_none() {
        let message = "a method called over RPC cannot take its target like that";
        let hint = "take `&self`, `self: Rc<Self>` or `self: &Rc<Self>`: \
                    clients hold the target too";
        errors.add(receiver, message, hint);
    }
    found
}

fn known_receiver(ty: &Type) -> Option<Receiver> {
    let is_rc = |ty| types::argument_of(ty, "Rc").is_some_and(|ty| types::is_named(ty, "Self"));
    match types::strip(ty) {
        Type::Reference(reference) if reference.mutability.is_none() => {
            let inner = &reference.elem;
            (types::is_named(inner, "Self") || is_rc(inner)).then_some(Receiver::Lent)
        }
        ty => is_rc(ty).then_some(Receiver::Owned),
    }
}

fn is_reference_to_self(ty: &Type) -> bool {
    matches!(ty, Type::Reference(reference)
        if reference.mutability.is_none() && types::is_named(&reference.elem, "Self"))
}

fn read_parameters(
    sig: &mut Signature,
    place: Place,
    errors: &mut Errors,
) -> Option<Vec<Parameter>> {
    let lives_on = sig.asyncness.is_some();
    let typed = sig.inputs.iter_mut().filter_map(|input| match input {
        FnArg::Typed(parameter) => Some(parameter),
        FnArg::Receiver(_) => None,
    });
    let read = |(position, input)| parameter::read(position, input, place, lives_on, errors);
    // Every parameter is read, so that each reports its mistakes.
    let all: Vec<_> = typed.enumerate().map(read).collect();
    all.into_iter().collect()
}

fn read_wire(written: &MethodAttributes, sig: &Signature, options: &Options) -> Wire {
    let name = match &written.name {
        Some(name) => name.value(),
        None => options.rename.apply(&sig.ident.unraw().to_string()),
    };
    Wire { name, written: written.name.clone() }
}

fn read_kind(written: &MethodAttributes) -> Kind {
    if written.get.is_some() {
        Kind::Getter
    } else if written.call.is_some() {
        Kind::Call
    } else {
        Kind::Method
    }
}

fn read_output(output: &ReturnType, place: Place, errors: &mut Errors) -> Option<Output> {
    let ReturnType::Type(_, written) = output else {
        return Some(Output::Unit);
    };
    let is_impl = types::has_impl_trait(written);
    if is_impl && is_future(written) {
        let message = "a future cannot be sent";
        errors.add(written, message, "write `async fn`: the caller gets what the future gives");
        return None;
    }
    let value = types::outcome(written);
    if place == Place::Interface {
        if let Some(borrow) = types::first_borrow(value) {
            let message = "what an interface's method gives cannot be borrowed";
            errors.add(borrow, message, "it comes over the wire: write an owned type");
            return None;
        }
        if is_impl {
            let message = "an interface's method must name the type that it gives";
            errors.add(written, message, "write a type that serde can deserialize");
            return None;
        }
    }
    Some(Output::Value { value: Box::new(value.clone()), written: written.clone() })
}

/// Whether the type is `impl Future`.
fn is_future(ty: &Type) -> bool {
    let Type::ImplTrait(ty) = types::strip(ty) else { return false };
    ty.bounds.iter().any(|bound| match bound {
        syn::TypeParamBound::Trait(bound) => {
            bound.path.segments.last().is_some_and(|segment| segment.ident == "Future")
        }
        _ => false,
    })
}
