//! Questions about types, answered from their tokens: a macro sees no more.

use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{
    GenericArgument, Lifetime, PathArguments, PathSegment, Type, TypeBareFn, TypePath,
    TypeReference, TypeTraitObject, parse_quote,
};

/// The last segment of a path: `Result` of `worker::Result<T>`.
fn last_segment(ty: &Type) -> Option<&PathSegment> {
    match strip(ty) {
        Type::Path(TypePath { qself: None, path }) => path.segments.last(),
        _ => None,
    }
}

/// The type without parentheses and invisible groups (which `macro_rules!` leaves).
pub(crate) fn strip(ty: &Type) -> &Type {
    match ty {
        Type::Paren(inner) => strip(&inner.elem),
        Type::Group(inner) => strip(&inner.elem),
        _ => ty,
    }
}

/// The type arguments of a type called `name`, whatever its path: `[T]` for `Vec<T>`.
pub(crate) fn arguments_of<'a>(ty: &'a Type, name: &str) -> Option<Vec<&'a Type>> {
    let segment = last_segment(ty).filter(|segment| segment.ident == name)?;
    let PathArguments::AngleBracketed(list) = &segment.arguments else {
        return Some(Vec::new());
    };
    let types = list.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    Some(types.collect())
}

/// The `T` of a type called `name`.
pub(crate) fn argument_of<'a>(ty: &'a Type, name: &str) -> Option<&'a Type> {
    arguments_of(ty, name)?.first().copied()
}

/// Whether the type is a plain name: `str`, `u8`, `Self`.
pub(crate) fn is_named(ty: &Type, name: &str) -> bool {
    last_segment(ty).is_some_and(|segment| segment.ident == name && segment.arguments.is_none())
}

/// What a call gives: the `T` of `Result<T, E>` or `RpcPromise<T>`, otherwise the type itself.
pub(crate) fn outcome(ty: &Type) -> &Type {
    argument_of(ty, "Result").or_else(|| argument_of(ty, "RpcPromise")).unwrap_or(ty)
}

/// The type with every lifetime left to inference, for use in an expression.
pub(crate) fn erase_lifetimes(ty: &Type) -> Type {
    struct Erase;
    impl VisitMut for Erase {
        fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
            if lifetime.ident != "static" {
                *lifetime = Lifetime::new("'_", lifetime.span());
            }
        }

        fn visit_type_reference_mut(&mut self, reference: &mut TypeReference) {
            // `&'_ T` and `&T` are the same here, and the second is what errors should show.
            if reference.lifetime.as_ref().is_some_and(|lifetime| lifetime.ident != "static") {
                reference.lifetime = None;
            }
            visit_mut::visit_type_reference_mut(self, reference);
        }

        fn visit_type_bare_fn_mut(&mut self, _: &mut TypeBareFn) {}
    }
    let mut erased = ty.clone();
    Erase.visit_type_mut(&mut erased);
    erased
}

/// The first borrow that a type shows: a reference, or a lifetime that is not `'static`.
pub(crate) fn first_borrow(ty: &Type) -> Option<Type> {
    first(ty, Borrows::Any)
}

/// The first reference inside a type.
pub(crate) fn first_reference(ty: &Type) -> Option<Type> {
    first(ty, Borrows::References)
}

fn first(ty: &Type, wanted: Borrows) -> Option<Type> {
    let mut search = Search { wanted, found: None };
    search.visit_type(ty);
    search.found
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Borrows {
    Any,
    References,
}

struct Search {
    wanted: Borrows,
    found: Option<Type>,
}

impl<'ast> Visit<'ast> for Search {
    fn visit_type_path(&mut self, path: &'ast TypePath) {
        let borrows = path.path.segments.iter().any(|segment| {
            match &segment.arguments {
            PathArguments::AngleBracketed(list) => list.args.iter().any(|argument| {
                matches!(argument, GenericArgument::Lifetime(name) if name.ident != "static")
            }),
            _ => false,
        }
        });
        if borrows && self.wanted == Borrows::Any {
            self.found.get_or_insert_with(|| parse_quote!(#path));
        }
        visit::visit_type_path(self, path);
    }

    fn visit_type_reference(&mut self, reference: &'ast TypeReference) {
        let is_static = reference.lifetime.as_ref().is_some_and(|name| name.ident == "static");
        if !is_static {
            self.found.get_or_insert_with(|| parse_quote!(#reference));
        }
        visit::visit_type_reference(self, reference);
    }

    // The lifetimes in the signature of a function pointer or trait object borrow nothing.
    fn visit_type_bare_fn(&mut self, _: &'ast TypeBareFn) {}
    fn visit_type_trait_object(&mut self, _: &'ast TypeTraitObject) {}
}

/// Whether `impl Trait` stands anywhere in the type.
pub(crate) fn has_impl_trait(ty: &Type) -> bool {
    struct Search(bool);
    impl<'ast> Visit<'ast> for Search {
        fn visit_type_impl_trait(&mut self, _: &'ast syn::TypeImplTrait) {
            self.0 = true;
        }
    }
    let mut search = Search(false);
    search.visit_type(ty);
    search.0
}

#[cfg(test)]
mod tests {
    use quote::ToTokens;

    use super::*;

    fn text(ty: impl ToTokens) -> String {
        ty.to_token_stream().to_string().replace(' ', "")
    }

    #[test]
    fn borrows() {
        for (ty, any, references) in [
            ("String", "", ""),
            ("&str", "&str", "&str"),
            ("&'static str", "", ""),
            ("Vec<&str>", "&str", "&str"),
            ("Cow<'_, str>", "Cow<'_,str>", ""),
            ("Cow<'static, str>", "", ""),
            ("Option<User<'a>>", "User<'a>", ""),
            ("(u8, &[u8])", "&[u8]", "&[u8]"),
            ("fn(&str)", "", ""),
            ("RpcStub<dyn Fn(&str)>", "", ""),
        ] {
            let ty: Type = syn::parse_str(ty).unwrap();
            assert_eq!(first_borrow(&ty).map(text).unwrap_or_default(), any);
            assert_eq!(first_reference(&ty).map(text).unwrap_or_default(), references);
        }
    }

    #[test]
    fn outcomes() {
        for (ty, expected) in [
            ("u8", "u8"),
            ("Result<u8, Error>", "u8"),
            ("worker::Result<Vec<u8>>", "Vec<u8>"),
            ("RpcPromise<(u8, u8)>", "(u8,u8)"),
            ("Option<Result<u8, E>>", "Option<Result<u8,E>>"),
        ] {
            assert_eq!(text(outcome(&syn::parse_str(ty).unwrap())), expected);
        }
    }

    #[test]
    fn erased_lifetimes() {
        for (ty, expected) in [
            ("&'a str", "&str"),
            ("Cow<'a, str>", "Cow<'_,str>"),
            ("&'static str", "&'staticstr"),
            ("Pair<'a, 'static, &'b u8>", "Pair<'_,'static,&u8>"),
        ] {
            assert_eq!(text(erase_lifetimes(&syn::parse_str(ty).unwrap())), expected);
        }
    }
}
