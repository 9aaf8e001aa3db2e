//! Arguments: taking them out of a call, and passing them on to a method.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, ExprLit, Lit, Path};

use super::{code, private};
use crate::attributes::hidden;
use crate::model::{Lend, Method, Mode, Parameter, Receiver, Value};

/// The type that is decoded for a parameter.
pub(super) fn value_type(value: &Value, krate: &Path) -> TokenStream {
    let private = private(krate);
    match value {
        Value::Type(ty) => ty.to_token_stream(),
        Value::Text => code! { #private::Text<'_> },
        Value::OptionalText => code! { ::core::option::Option<#private::Text<'_>> },
        Value::Bytes => code! { #private::Bytes },
    }
}

/// The type in which an argument comes: with a default it may be absent.
pub(super) fn incoming_type(parameter: &Parameter, krate: &Path) -> TokenStream {
    let value = value_type(&parameter.value, krate);
    match &parameter.mode {
        Mode::Default(default) => {
            let at = hidden(default.at.span());
            quote_spanned! { at => ::core::option::Option<#value> }
        }
        Mode::Plain | Mode::Rest(_) => value,
    }
}

/// Statements that decode each argument into a local of the parameter's name. The first that does
/// not fit ends the call.
pub(super) fn decode(method: &Method, krate: &Path) -> TokenStream {
    let statements = method.parameters.iter().map(|parameter| {
        let name = &parameter.name;
        let next = match &parameter.mode {
            Mode::Rest(element) => quote! { rest::<#element> },
            Mode::Plain | Mode::Default(_) => {
                let ty = incoming_type(parameter, krate);
                quote! { next::<#ty> }
            }
        };
        code! {
            let #name = match arguments.#next() {
                ::core::result::Result::Ok(value) => value,
                ::core::result::Result::Err(error) => {
                    return #krate::Answer::Ready(::core::result::Result::Err(error));
                }
            };
        }
    });
    code! { #(#statements)* }
}

/// Statements that put the default where an argument is absent.
pub(super) fn defaults(method: &Method, krate: &Path) -> TokenStream {
    let statements = method.parameters.iter().filter_map(|parameter| {
        let Mode::Default(default) = &parameter.mode else { return None };
        let name = &parameter.name;
        let ty = value_type(&parameter.value, krate);
        let default = match &default.value {
            None => code! { ::core::default::Default::default() },
            // A string literal is wanted as whatever string type the parameter has.
            Some(literal) if is_text(literal) => code! { ::core::convert::From::from(#literal) },
            Some(value) if matches!(parameter.value, Value::Text) => {
                code! { ::core::convert::From::from(#value) }
            }
            Some(value) => value.to_token_stream(),
        };
        Some(code! { let #name: #ty = #name.unwrap_or_else(|| #default); })
    });
    code! { #(#statements)* }
}

fn is_text(value: &Expr) -> bool {
    matches!(value, Expr::Lit(ExprLit { lit: Lit::Str(_), .. }))
}

/// The call of the method itself, with the target in a local `target: Rc<Self>`.
pub(super) fn call(method: &Method) -> TokenStream {
    let name = &method.name;
    let target = match method.receiver {
        Receiver::Lent => code! { &target },
        Receiver::Owned => code! { target },
    };
    let arguments = method.parameters.iter().map(|parameter| {
        let name = &parameter.name;
        match parameter.lend {
            Lend::Move => code! { #name },
            Lend::Reference => code! { &#name },
            Lend::OptionalReference => code! { #name.as_deref() },
            Lend::Into => code! { ::core::convert::Into::into(#name) },
        }
    });
    let wait = method.is_async.then(|| code! { .await });
    code! { Self::#name(#target #(, #arguments)*) #wait }
}
