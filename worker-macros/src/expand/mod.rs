//! From the model to tokens.

mod arguments;
mod interface;
mod served;
mod target;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::{Attribute, Path};

use crate::attributes::hidden;
use crate::model::{Kind, Method, Output};

pub(crate) use interface::interface;
pub(crate) use target::target;

/// Quotes so that the locals of generated code cannot meet the user's.
macro_rules! code {
    ($($tokens:tt)*) => {
        ::quote::quote_spanned! { ::proc_macro2::Span::mixed_site() => $($tokens)* }
    };
}
pub(crate) use code;

/// What stands before every generated impl.
pub(crate) fn impl_attributes(item_attributes: &[Attribute]) -> TokenStream {
    let cfgs = item_attributes.iter().filter(|attribute| attribute.path().is_ident("cfg"));
    code! {
        #(#cfgs)*
        #[automatically_derived]
        #[allow(deprecated, unused_mut, unused_variables, clippy::all, clippy::pedantic)]
    }
}

/// The module of what only generated code calls.
pub(crate) fn private(krate: &Path) -> TokenStream {
    code! { #krate::__private }
}

/// The function that calls a method by its wire name: the body of each arm comes from `answer`.
fn call_arms(
    methods: &[Method],
    answer: impl Fn(&Method) -> TokenStream,
) -> impl Iterator<Item = TokenStream> {
    let named = methods.iter().filter(|method| method.kind == Kind::Method);
    named.map(move |method| {
        let (cfgs, wire) = (&method.cfgs, &method.wire.name);
        let answer = answer(method);
        code! { #(#cfgs)* #wire => { #answer } }
    })
}

/// The arms that read properties: a getter's value, a method as a function.
fn get_arms(
    methods: &[Method],
    krate: &Path,
    answer: impl Fn(&Method) -> TokenStream,
) -> TokenStream {
    let getters = methods.iter().filter(|method| method.kind == Kind::Getter).map(|method| {
        let (cfgs, wire) = (&method.cfgs, &method.wire.name);
        let answer = answer(method);
        code! { #(#cfgs)* #wire => #krate::Property::Value({ #answer }), }
    });
    let functions = methods.iter().filter(|method| method.kind == Kind::Method);
    let (always, sometimes): (Vec<_>, Vec<_>) =
        functions.partition(|method| method.cfgs.is_empty());
    let always = always.iter().map(|method| &method.wire.name);
    let always = match always.len() {
        0 => None,
        _ => Some(code! { #(#always)|* => #krate::Property::Method, }),
    };
    let sometimes = sometimes.iter().map(|method| {
        let (cfgs, wire) = (&method.cfgs, &method.wire.name);
        code! { #(#cfgs)* #wire => #krate::Property::Method, }
    });
    code! { #(#getters)* #always #(#sometimes)* }
}

/// The method that runs when the target itself is called, and its `cfg`s.
fn callable(methods: &[Method]) -> Option<&Method> {
    methods.iter().find(|method| method.kind == Kind::Call)
}

/// The method's call and what becomes of its value. Errors about the value's type are shown at the
/// return type: all tokens around the call stand there.
fn returned(method: &Method, finish: &str, krate: &Path) -> TokenStream {
    let (start, end) = match &method.output {
        Output::Unit => (method.name.span(), method.name.span()),
        Output::Value { written, .. } => span_of(written),
    };
    let call = arguments::call(method);
    let krate = at(krate, start);
    let open = quote_spanned! { hidden(start) => #krate::__private::Return };
    let call = quote_spanned! { hidden(end) => (#call) };
    let finish = Ident::new(finish, hidden(start));
    quote_spanned! { hidden(end) => #open #call.#finish() }
}

/// The same tokens, seen at another place.
fn at(tokens: impl ToTokens, span: Span) -> TokenStream {
    let tokens = tokens.into_token_stream().into_iter();
    let moved = tokens.map(|mut token| {
        token.set_span(hidden(span));
        token
    });
    moved.collect()
}

/// The first and the last token of something written.
fn span_of(written: impl ToTokens) -> (Span, Span) {
    let tokens: Vec<_> = written.into_token_stream().into_iter().collect();
    let span = |token: Option<&TokenTree>| token.map_or_else(Span::call_site, TokenTree::span);
    (span(tokens.first()), span(tokens.last()))
}
