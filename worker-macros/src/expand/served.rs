//! A target that serves an interface. The interface dispatches, because it alone has the wire
//! names; the target fills in a table of functions, one field for each method. So the compiler
//! itself reports what is missing and what does not fit.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;
use syn::Path;

use super::target::as_durable;
use super::{arguments, code, impl_attributes, private, returned, span_of};
use crate::attributes::hidden;
use crate::model::{Method, Target};

pub(super) fn dispatcher(target: &Target, interface: &Path) -> TokenStream {
    let Target { options, item, self_type, .. } = target;
    let krate = &options.krate;
    let attributes = impl_attributes(&item.attrs);
    let (generics, _, clause) = target.generics.split_for_impl();
    let (at, _) = span_of(interface);
    let interface = quote_spanned! { hidden(at) => dyn #interface };
    let table = table(target, &interface, at);
    let forward = forward(krate, &interface);
    let stub = code! { #krate::RpcStub<#interface> };
    let private = private(krate);
    code! {
        #attributes
        impl #generics #krate::Serves<#interface> for #self_type #clause {
            #table
        }
        #attributes
        impl #generics #krate::RpcTarget for #self_type #clause {
            #forward
        }
        #attributes
        impl #generics ::core::convert::From<#self_type> for #stub #clause {
            fn from(target: #self_type) -> Self {
                #krate::RpcStub::from_target(::std::rc::Rc::new(target))
            }
        }
        #attributes
        impl #generics #krate::IntoArgument<#stub> for #self_type #clause {
            fn add_to(self, arguments: &mut #private::ArgumentList) {
                #private::push_target(arguments, self);
            }
        }
    }
}

/// The const with the table. The type is named through an alias, because a struct expression
/// takes no qualified path.
fn table(target: &Target, interface: &TokenStream, at: Span) -> TokenStream {
    let krate = &target.options.krate;
    let fields = target.methods.iter().map(|method| field(method, krate));
    let methods = quote_spanned! { hidden(at) => __Methods::<Self> };
    let literal = quote_spanned! { at => #methods { #(#fields)* } };
    code! {
        const METHODS: <#interface as #krate::Interface>::Methods<Self> = {
            type __Methods<T> = <#interface as #krate::Interface>::Methods<T>;
            #literal
        };
    }
}

/// `method: |target, (argument_0,)| …`
fn field(method: &Method, krate: &Path) -> TokenStream {
    let (cfgs, name, private) = (&method.cfgs, &method.name, private(krate));
    let incoming = method
        .parameters
        .iter()
        .map(|parameter| Ident::new(&parameter.name.to_string(), hidden(parameter.span)));
    let tuple = quote_spanned! { hidden(name.span()) => (#(#incoming,)*) };
    let typed = method.parameters.iter().map(|parameter| {
        let name = &parameter.name;
        let ty = arguments::incoming_type(parameter, krate);
        let given = Ident::new(&name.to_string(), hidden(parameter.span));
        code! { let #name = #private::given::<#ty, _>(#given); }
    });
    let defaults = arguments::defaults(method, krate);
    let outcome = returned(method, "typed", krate);
    let reply = match method.is_async {
        false => code! { #private::Reply::ready(#outcome) },
        true => code! { #private::Reply::pending(async move { #outcome }) },
    };
    code! {
        #(#cfgs)*
        #name: |target, #tuple| {
            use #private::ReturnValue as _;
            #(#typed)*
            #defaults
            #reply
        },
    }
}

/// `RpcTarget` by way of the interface.
fn forward(krate: &Path, interface: &TokenStream) -> TokenStream {
    let dispatch = code! { <#interface as #krate::Interface> };
    let as_durable = as_durable(krate);
    code! {
        fn call(
            self: ::std::rc::Rc<Self>,
            method: &str,
            arguments: #krate::Arguments<'_>,
        ) -> #krate::Answer {
            #dispatch::call(self, method, arguments)
        }
        fn invoke(
            self: ::std::rc::Rc<Self>,
            arguments: #krate::Arguments<'_>,
        ) -> #krate::Answer {
            #dispatch::invoke(self, arguments)
        }
        fn get(self: ::std::rc::Rc<Self>, property: &str) -> #krate::Property {
            #dispatch::get(self, property)
        }
        #as_durable
    }
}
