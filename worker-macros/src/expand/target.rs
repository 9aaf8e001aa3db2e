use proc_macro2::TokenStream;
use syn::Path;

use super::{
    arguments, call_arms, callable, code, get_arms, impl_attributes, private, returned, served,
};
use crate::model::{Method, Target};

/// The block, and beside it what makes its type a target.
pub(crate) fn target(target: &Target) -> TokenStream {
    let item = &target.item;
    let dispatcher = match &target.interface {
        None => dispatcher(target),
        Some(interface) => served::dispatcher(target, interface),
    };
    let conversions = conversions(target);
    // `pub` means reachable over RPC here, whatever the visibility of the type.
    let lints = code! { #[allow(unreachable_pub)] };
    code! { #lints #item #dispatcher #conversions }
}

/// `RpcTarget` as one `match` on the name.
fn dispatcher(target: &Target) -> TokenStream {
    let Target { options, item, self_type, methods, .. } = target;
    let krate = &options.krate;
    let private = private(krate);
    let attributes = impl_attributes(&item.attrs);
    let (generics, _, clause) = target.generics.split_for_impl();
    let calls = call_arms(methods, |method| answer(method, krate));
    let gets = get_arms(methods, krate, |method| result(method, krate));
    let invoke = callable(methods).map(|method| invoke(method, krate));
    let as_durable = as_durable(krate);
    code! {
        #attributes
        impl #generics #krate::RpcTarget for #self_type #clause {
            fn call(
                self: ::std::rc::Rc<Self>,
                method: &str,
                mut arguments: #krate::Arguments<'_>,
            ) -> #krate::Answer {
                use #private::ReturnValue as _;
                let target = self;
                match method {
                    #(#calls)*
                    _ => #krate::Answer::NoSuchMethod,
                }
            }
            #invoke
            fn get(self: ::std::rc::Rc<Self>, property: &str) -> #krate::Property {
                use #private::ReturnValue as _;
                let target = self;
                match property {
                    #gets
                    _ => #krate::Property::Missing,
                }
            }
            #as_durable
        }
    }
}

/// What tells sessions whether the target outlives memory. The compiler finds the one way where
/// the type is `Durable`, and the other where it is not.
pub(super) fn as_durable(krate: &Path) -> TokenStream {
    let private = private(krate);
    code! {
        fn as_durable(&self) -> ::core::option::Option<&dyn #krate::DurableTarget> {
            use #private::{IsDurable as _, IsNotDurable as _};
            (&#private::Probe(self)).as_durable()
        }
    }
}

fn invoke(method: &Method, krate: &Path) -> TokenStream {
    let (cfgs, private) = (&method.cfgs, private(krate));
    let answer = answer(method, krate);
    code! {
        #(#cfgs)*
        fn invoke(
            self: ::std::rc::Rc<Self>,
            mut arguments: #krate::Arguments<'_>,
        ) -> #krate::Answer {
            use #private::ReturnValue as _;
            let target = self;
            #answer
        }
    }
}

/// Decodes the arguments and runs the method.
fn answer(method: &Method, krate: &Path) -> TokenStream {
    let decode = arguments::decode(method, krate);
    let defaults = arguments::defaults(method, krate);
    let result = result(method, krate);
    code! { #decode #defaults #result }
}

/// Runs the method: a sync one is answered at once.
fn result(method: &Method, krate: &Path) -> TokenStream {
    let private = private(krate);
    let outcome = returned(method, "finish", krate);
    match method.is_async {
        false => code! { #private::ready(#outcome) },
        true => code! { #private::pending(async move { #outcome }) },
    }
}

/// A target can be returned and passed by value: it is sent by reference.
fn conversions(target: &Target) -> TokenStream {
    let Target { options, item, self_type, .. } = target;
    let krate = &options.krate;
    let private = private(krate);
    let attributes = impl_attributes(&item.attrs);
    let (generics, _, clause) = target.generics.split_for_impl();
    code! {
        #attributes
        impl #generics #krate::IntoRpc for #self_type #clause {
            fn into_rpc(self) -> ::core::result::Result<#krate::Outgoing, #krate::RpcError> {
                #private::target_into_rpc(self)
            }
        }
        #attributes
        impl #generics #krate::IntoArgument<#krate::RpcStub> for #self_type #clause {
            fn add_to(self, arguments: &mut #private::ArgumentList) {
                #private::push_target(arguments, self);
            }
        }
    }
}
