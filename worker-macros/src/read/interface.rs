use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{ItemTrait, TraitItem, TraitItemFn};

use super::method;
use crate::attributes::{self, MethodAttributes};
use crate::errors::Errors;
use crate::model::{Interface, Method, Options, Place};

/// Reads the trait under `#[rpc_interface]`.
pub(crate) fn interface(arguments: TokenStream, item: ItemTrait, errors: &mut Errors) -> Interface {
    let options = attributes::options(arguments, errors);
    check_head(&item, errors);
    let ItemTrait { attrs: attributes, vis: visibility, ident: name, items, generics, .. } = item;
    let methods = items.into_iter().filter_map(|item| member(item, &options, errors));
    let mut methods: Vec<_> = methods.collect();
    if !generics.params.is_empty() {
        // They may name what the trait now lacks.
        methods.clear();
    }
    Interface { options, attributes, visibility, name, methods }
}

fn check_head(item: &ItemTrait, errors: &mut Errors) {
    if let Some(unsafety) = &item.unsafety {
        errors.add(unsafety, "an interface is not `unsafe`", "remove `unsafe`");
    }
    if let Some(auto) = &item.auto_token {
        errors.add(auto, "an interface is not `auto`", "remove `auto`");
    }
    if !item.generics.params.is_empty() {
        let hint = "write an interface for each type, or take a type that serde can tell apart";
        errors.add(&item.generics.params, "an interface has no generic parameters", hint);
    } else if let Some(clause) = &item.generics.where_clause {
        errors.add(clause, "an interface has no `where` clause", "remove it");
    }
    if !item.supertraits.is_empty() {
        let hint = "repeat the methods, or return a stub of the other interface";
        errors.add(&item.supertraits, "an interface has no supertraits", hint);
    }
    if item.items.is_empty() {
        let hint = "declare the methods of the object on the other side: `fn hello(&self);`";
        errors.add(&item.ident, "an interface without methods says nothing", hint);
    }
}

fn member(item: TraitItem, options: &Options, errors: &mut Errors) -> Option<Method> {
    match item {
        TraitItem::Fn(function) => declaration(function, options, errors),
        // What `syn` takes for no item of a trait.
        TraitItem::Verbatim(tokens) if starts_with_pub(&tokens) => {
            let hint = "remove `pub`: the methods are as visible as the trait";
            errors.add(tokens, "a method of an interface has no visibility", hint);
            None
        }
        other => {
            let hint = "only methods cross the wire: remove it";
            errors.add(other.to_token_stream(), "an interface has only methods", hint);
            None
        }
    }
}

fn starts_with_pub(tokens: &TokenStream) -> bool {
    matches!(tokens.clone().into_iter().next(), Some(TokenTree::Ident(word)) if word == "pub")
}

fn declaration(
    mut function: TraitItemFn,
    options: &Options,
    errors: &mut Errors,
) -> Option<Method> {
    if let Some(body) = &function.default {
        let hint = "end the declaration with `;`: the other side has the body";
        errors.add(body, "a method of an interface has no body", hint);
    }
    let written = MethodAttributes::take(&mut function.attrs, Place::Interface, errors);
    let attributes = function.attrs;
    method::read(written, attributes, &mut function.sig, Place::Interface, options, errors)
}
