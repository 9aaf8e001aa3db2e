use std::fmt::Display;

use proc_macro2::TokenStream;
use quote::ToTokens;

/// Collects the mistakes of one macro call, so that one build shows them all.
#[derive(Default)]
pub(crate) struct Errors(Option<syn::Error>);

impl Errors {
    /// Adds a mistake at some tokens: what is wrong, and what to do instead.
    pub(crate) fn add(&mut self, at: impl ToTokens, message: impl Display, hint: impl Display) {
        self.merge(mistake(at, message, hint));
    }

    /// Adds an error made elsewhere.
    pub(crate) fn merge(&mut self, error: syn::Error) {
        match &mut self.0 {
            None => self.0 = Some(error),
            Some(all) => all.combine(error),
        }
    }

    /// Takes the value out of a result, or its error in.
    pub(crate) fn take<T>(&mut self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.merge(error)).ok()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// A `compile_error!` for each mistake.
    pub(crate) fn into_tokens(self) -> TokenStream {
        self.0.map(syn::Error::into_compile_error).unwrap_or_default()
    }
}

/// An error that names the way out under the message, as the compiler's own do.
pub(crate) fn mistake(at: impl ToTokens, message: impl Display, hint: impl Display) -> syn::Error {
    syn::Error::new_spanned(at, format!("{message}\n= help: {hint}"))
}
