//! `#[derive(Durable)]`: a target's state is the target itself, by serde.
//!
//! The type is not made `Serialize`: it would then be sent by value where it is meant to be sent
//! by reference. A hidden mirror of it carries serde's derives, by `#[serde(remote)]`.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident};
use syn::{Attribute, Data, DeriveInput, Field, LitStr, Path, parse_quote};

use crate::attributes::{set_once, unknown};
use crate::errors::Errors;
use crate::expand::{code, impl_attributes, private};

/// `#[durable(…)]` on the type.
struct Options {
    kind: Option<LitStr>,
    krate: Path,
}

pub(crate) fn derive(item: &DeriveInput, errors: &mut Errors) -> TokenStream {
    let options = options(item, errors);
    if !errors.is_empty() {
        return TokenStream::new();
    }
    if let Data::Union(union) = &item.data {
        errors.add(union.union_token, "a union has no state that can be saved", "make it a struct");
        return TokenStream::new();
    }
    if !item.generics.params.is_empty() {
        let hint = "give it the types that it is used with, or keep what varies in an enum";
        errors.add(&item.generics, "a durable target is one type: its kind names it", hint);
        return TokenStream::new();
    }
    let Some(kind) = options.kind.as_ref().filter(|kind| !kind.value().is_empty()) else {
        let hint = "a name that stays the same, as saved sessions have it: \
                    `#[durable(kind = \"member\")]`";
        let at = options.kind.as_ref().map_or(item.ident.to_token_stream(), |kind| code! { #kind });
        errors.add(at, "a durable target needs a kind", hint);
        return TokenStream::new();
    };
    expand(item, kind, &options.krate)
}

fn options(item: &DeriveInput, errors: &mut Errors) -> Options {
    let mut options = Options { kind: None, krate: parse_quote!(::topsail) };
    for attribute in item.attrs.iter().filter(|attribute| attribute.path().is_ident("durable")) {
        errors.take(attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("kind") {
                set_once(&mut options.kind, meta.value()?.parse()?)
            } else if meta.path.is_ident("crate") {
                options.krate = meta.value()?.parse()?;
                Ok(())
            } else {
                Err(unknown(&meta, "kind = \"…\", crate = path"))
            }
        }));
    }
    options
}

fn expand(item: &DeriveInput, kind: &LitStr, krate: &Path) -> TokenStream {
    let (name, private) = (&item.ident, private(krate));
    let mirror = mirror(item, krate);
    let mirror_name = &mirror.ident;
    let attributes = impl_attributes(&item.attrs);
    code! {
        const _: () = {
            #mirror
            #attributes
            impl #krate::Durable for #name {
                const KIND: &'static str = #kind;

                fn save_state<S: #private::serde::Serializer>(
                    &self,
                    serializer: S,
                ) -> ::core::result::Result<S::Ok, S::Error> {
                    #mirror_name::serialize(self, serializer)
                }

                fn revive_state<'de, D: #private::serde::Deserializer<'de>>(
                    deserializer: D,
                ) -> ::core::result::Result<Self, D::Error> {
                    #mirror_name::deserialize(deserializer)
                }
            }
        };
    }
}

/// The type once more, under another name and with nothing but serde's attributes.
fn mirror(item: &DeriveInput, krate: &Path) -> DeriveInput {
    let mut mirror = item.clone();
    let private = private(krate);
    let serde = code! { #private::serde }.to_string().replace(' ', "");
    let name = item.ident.to_string();
    keep_serde(&mut mirror.attrs);
    // The derive comes first: it introduces serde's attributes.
    let ours: [Attribute; 3] = [
        parse_quote!(#[allow(dead_code)]),
        parse_quote!(#[derive(#private::serde::Serialize, #private::serde::Deserialize)]),
        parse_quote!(#[serde(remote = #name, crate = #serde)]),
    ];
    mirror.attrs.splice(0..0, ours);
    mirror.ident = format_ident!("__{}", item.ident);
    match &mut mirror.data {
        Data::Struct(data) => data.fields.iter_mut().for_each(strip),
        Data::Enum(data) => data.variants.iter_mut().for_each(|variant| {
            keep_serde(&mut variant.attrs);
            variant.fields.iter_mut().for_each(strip);
        }),
        Data::Union(_) => {}
    }
    mirror
}

fn strip(field: &mut Field) {
    keep_serde(&mut field.attrs);
}

fn keep_serde(attributes: &mut Vec<Attribute>) {
    attributes
        .retain(|attribute| attribute.path().is_ident("serde") || attribute.path().is_ident("cfg"));
}
