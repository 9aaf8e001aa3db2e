//! The macros of Topsail: [`macro@rpc_target`] for the objects that live here,
//! [`macro@rpc_interface`] for those that live on the other side, [`macro@Durable`] for those that
//! outlive memory, [`macro@event`] for a Worker's handler. The crate `topsail` re-exports them.
//!
//! Each macro reads its block into a plain model, validates that, and expands it; mistakes
//! are collected on the way and reported all at once.

mod attributes;
mod durable;
mod errors;
mod event;
mod expand;
mod model;
mod names;
mod read;
mod types;
mod validate;

use proc_macro::TokenStream;
use quote::quote;
use syn::{DeriveInput, Item, ItemFn, ItemImpl, ItemTrait, parse_macro_input};

use errors::Errors;

#[doc = include_str!("../docs/rpc_target.md")]
#[proc_macro_attribute]
pub fn rpc_target(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let expanded = match parse_macro_input!(item as Item) {
        Item::Impl(item) => target(arguments.into(), item),
        other => {
            let hint = "put it on `impl Type { … }` or on `impl Interface for Type { … }`";
            misplaced(&other, "`#[rpc_target]` belongs on an `impl` block", hint)
        }
    };
    expanded.into()
}

#[doc = include_str!("../docs/rpc_interface.md")]
#[proc_macro_attribute]
pub fn rpc_interface(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let expanded = match parse_macro_input!(item as Item) {
        Item::Trait(item) => interface(arguments.into(), item),
        other => {
            let hint = "put `#[rpc_target]` on an `impl` block";
            misplaced(&other, "`#[rpc_interface]` belongs on a trait", hint)
        }
    };
    expanded.into()
}

#[doc = include_str!("../docs/durable.md")]
#[proc_macro_derive(Durable, attributes(durable, serde))]
pub fn durable(item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let expanded = durable::derive(&parse_macro_input!(item as DeriveInput), &mut errors);
    let errors = errors.into_tokens();
    quote! { #expanded #errors }.into()
}

#[doc = include_str!("../docs/event.md")]
#[proc_macro_attribute]
pub fn event(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let item = parse_macro_input!(item as ItemFn);
    let expanded = event::expand(arguments.into(), &item, &mut errors);
    let errors = errors.into_tokens();
    quote! { #expanded #errors }.into()
}

/// With mistakes in it, the block still comes out as a target, one without methods: the rest of
/// the program then reports nothing that is not its own mistake.
fn target(arguments: proc_macro2::TokenStream, item: ItemImpl) -> proc_macro2::TokenStream {
    let mut errors = Errors::default();
    let mut target = read::target(arguments, item, &mut errors);
    validate::target(&target, &mut errors);
    if target.is_hopeless {
        let (item, errors) = (&target.item, errors.into_tokens());
        return quote! { #item #errors };
    }
    if !errors.is_empty() {
        target.methods.clear();
        target.interface = None;
    }
    let (expanded, errors) = (expand::target(&target), errors.into_tokens());
    quote! { #expanded #errors }
}

/// With mistakes in it, the trait still comes out, with the methods that could be read.
fn interface(arguments: proc_macro2::TokenStream, item: ItemTrait) -> proc_macro2::TokenStream {
    let mut errors = Errors::default();
    let interface = read::interface(arguments, item, &mut errors);
    validate::interface(&interface, &mut errors);
    let (expanded, errors) = (expand::interface(&interface), errors.into_tokens());
    quote! { #expanded #errors }
}

/// The item as it is, and what is wrong about the attribute.
fn misplaced(item: &Item, message: &str, hint: &str) -> proc_macro2::TokenStream {
    let mut errors = Errors::default();
    errors.add(quote!(#item).into_iter().next(), message, hint);
    let errors = errors.into_tokens();
    quote! { #item #errors }
}
