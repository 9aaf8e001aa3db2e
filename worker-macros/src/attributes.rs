//! The attributes: what stands in the parentheses.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::meta::ParseNestedMeta;
use syn::parse::Parser;
use syn::{Attribute, Expr, LitStr, Path, Token, parse_quote};

use crate::errors::{Errors, mistake};
use crate::model::{Options, Place};
use crate::names::Rename;

/// The parentheses of `#[rpc_target(…)]` or `#[rpc_interface(…)]`.
pub(crate) fn options(tokens: TokenStream, errors: &mut Errors) -> Options {
    let mut options = Options { rename: Rename::default(), krate: parse_quote!(::topsail) };
    let parser = syn::meta::parser(|meta| {
        if meta.path.is_ident("rename_all") {
            options.rename = rename(&meta)?;
        } else if meta.path.is_ident("crate") {
            options.krate = meta.value()?.parse()?;
        } else {
            return Err(unknown(&meta, "rename_all = \"…\", crate = path"));
        }
        Ok(())
    });
    errors.take(parser.parse2(tokens));
    options
}

fn rename(meta: &ParseNestedMeta<'_>) -> syn::Result<Rename> {
    let text: LitStr = meta.value()?.parse()?;
    Rename::from_str(&text.value()).ok_or_else(|| {
        let known = format!("known are {}", Rename::KNOWN);
        mistake(&text, "unknown rule for names", known)
    })
}

/// `#[rpc(…)]` on a method. A flag keeps where it was written.
#[derive(Default)]
pub(crate) struct MethodAttributes {
    pub(crate) get: Option<Path>,
    pub(crate) call: Option<Path>,
    pub(crate) skip: Option<Path>,
    pub(crate) name: Option<LitStr>,
    /// The first `#[rpc]`, if any.
    pub(crate) first: Option<Attribute>,
}

impl MethodAttributes {
    /// Takes the `rpc` attributes out of a method's attributes.
    pub(crate) fn take(all: &mut Vec<Attribute>, place: Place, errors: &mut Errors) -> Self {
        let mut found = MethodAttributes::default();
        for attribute in take_rpc(all) {
            errors.take(attribute.parse_nested_meta(|meta| found.set(meta, place)));
            found.first.get_or_insert(attribute);
        }
        found.check(errors);
        found
    }

    fn set(&mut self, meta: ParseNestedMeta<'_>, place: Place) -> syn::Result<()> {
        if meta.path.is_ident("name") {
            return set_once(&mut self.name, meta.value()?.parse()?);
        }
        let flag = match meta.path.get_ident().map(ToString::to_string).as_deref() {
            Some("get") => &mut self.get,
            Some("call") => &mut self.call,
            Some("skip") if place != Place::Interface => &mut self.skip,
            _ => return Err(unknown(&meta, known_on_methods(place))),
        };
        set_once(flag, meta.path)
    }

    fn check(&self, errors: &mut Errors) {
        if let (Some(_), Some(second)) = (&self.get, &self.call) {
            let hint = "a getter is read as a property; `call` makes the target itself callable";
            errors.add(second, "`get` and `call` exclude each other", hint);
        }
        let other = self.get.as_ref().or(self.call.as_ref()).map(ToTokens::to_token_stream);
        let other = other.or(self.name.as_ref().map(ToTokens::to_token_stream));
        if let (Some(_), Some(other)) = (&self.skip, other) {
            errors.add(other, "a skipped method is not reachable at all", "remove one of the two");
        }
        if let (Some(_), Some(name)) = (&self.call, &self.name) {
            let hint = "a client calls the target itself: `stub(…)`";
            errors.add(name, "a `call` method has no name on the wire", hint);
        }
    }
}

fn known_on_methods(place: Place) -> &'static str {
    match place {
        Place::Interface => "get, call, name = \"…\"",
        Place::Target | Place::Served => "get, call, skip, name = \"…\"",
    }
}

/// `#[rpc(…)]` on a parameter.
#[derive(Default)]
pub(crate) struct ParameterAttributes {
    pub(crate) rest: Option<Path>,
    pub(crate) default: Option<DefaultValue>,
}

/// `default` or `default = value`, and where it is written.
pub(crate) struct DefaultValue {
    pub(crate) at: Path,
    pub(crate) value: Option<Expr>,
}

impl ParameterAttributes {
    /// Takes the `rpc` attributes out of a parameter's attributes.
    pub(crate) fn take(all: &mut Vec<Attribute>, errors: &mut Errors) -> Self {
        let mut found = ParameterAttributes::default();
        for attribute in take_rpc(all) {
            errors.take(attribute.parse_nested_meta(|meta| found.set(meta)));
        }
        if let Some(serde) = take_named(all, "serde").first() {
            let hint = "write `#[rpc(default)]`, or take an `Option`; serde's attributes stand in the type";
            errors.add(serde, "a parameter has no attributes of serde", hint);
        }
        if let (Some(rest), Some(_)) = (&found.rest, &found.default) {
            let hint = "where nothing remains, the vector is empty: remove `default`";
            errors.add(rest, "`rest` and `default` exclude each other", hint);
        }
        found
    }

    fn set(&mut self, meta: ParseNestedMeta<'_>) -> syn::Result<()> {
        if meta.path.is_ident("rest") {
            return set_once(&mut self.rest, meta.path);
        }
        if !meta.path.is_ident("default") {
            return Err(unknown(&meta, "default, default = value, rest"));
        }
        let value = meta.input.peek(Token![=]).then(|| meta.value()?.parse()).transpose()?;
        self.default = Some(DefaultValue { at: meta.path, value });
        Ok(())
    }
}

/// Takes the `rpc` attributes away where they mean nothing.
pub(crate) fn take_rpc(all: &mut Vec<Attribute>) -> Vec<Attribute> {
    take_named(all, "rpc")
}

fn take_named(all: &mut Vec<Attribute>, name: &str) -> Vec<Attribute> {
    let (named, others) = all.drain(..).partition(|attribute| attribute.path().is_ident(name));
    *all = others;
    named
}

pub(crate) fn set_once<T: ToTokens>(slot: &mut Option<T>, value: T) -> syn::Result<()> {
    if slot.is_some() {
        return Err(mistake(value, "given twice", "remove one of the two"));
    }
    *slot = Some(value);
    Ok(())
}

pub(crate) fn unknown(meta: &ParseNestedMeta<'_>, known: &str) -> syn::Error {
    let path = &meta.path;
    let name = path.to_token_stream().to_string().replace(' ', "");
    // What follows the key must be read, or its parser complains about that instead.
    let _ = meta.value().and_then(|value| value.parse::<Expr>());
    mistake(path, format!("unknown key `{name}`"), format!("known here are: {known}"))
}

/// The span of generated locals: they cannot meet the user's names.
pub(crate) fn hidden(at: Span) -> Span {
    at.resolved_at(Span::mixed_site())
}
