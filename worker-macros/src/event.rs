//! The Worker's handler of requests.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::ItemFn;

use crate::errors::Errors;

const PARAMETERS: usize = 3;

/// The function, and beside it what the runtime calls.
pub(crate) fn expand(arguments: TokenStream, item: &ItemFn, errors: &mut Errors) -> TokenStream {
    check(&arguments, item, errors);
    if !errors.is_empty() {
        return quote! { #item };
    }
    let glue = glue(&item.sig.ident);
    quote! { #item #glue }
}

fn check(arguments: &TokenStream, item: &ItemFn, errors: &mut Errors) {
    if syn::parse2::<Ident>(arguments.clone()).is_ok_and(|event| event != "fetch") {
        errors.add(arguments, "this is for `fetch`", "for other events take `#[worker::event]`");
    } else if syn::parse2::<Ident>(arguments.clone()).is_err() {
        errors.add(&item.sig.ident, "it says no event", "write `#[topsail::event(fetch)]`");
    }
    if item.sig.asyncness.is_none() {
        errors.add(item.sig.fn_token, "a handler is async", "write `async fn`");
    }
    if item.sig.inputs.len() != PARAMETERS {
        let hint = "take `(req: RawRequest, env: Env, ctx: Context)`";
        errors.add(&item.sig.inputs, "a handler has three parameters", hint);
    }
}

fn glue(handler: &Ident) -> TokenStream {
    quote! {
        mod __topsail_event {
            use ::topsail::__runtime::wasm_bindgen::prelude::wasm_bindgen;
            use ::topsail::__runtime::{self as runtime, wasm_bindgen, web_sys};

            #[wasm_bindgen(wasm_bindgen = ::topsail::__runtime::wasm_bindgen)]
            pub fn fetch(
                request: web_sys::Request,
                env: runtime::Env,
                context: runtime::RawContext,
            ) -> wasm_bindgen::JsValue {
                let context = runtime::Context::new(context);
                runtime::fetch(request, |request| super::#handler(request, env, context))
            }
        }
    }
}
