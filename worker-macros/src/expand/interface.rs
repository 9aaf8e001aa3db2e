use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident};
use syn::{Ident, Path};

use super::{arguments, call_arms, callable, code, get_arms, impl_attributes, private};
use crate::model::{Interface, Kind, Method, Mode, Output, Parameter};

/// The trait with the stub's methods, and what serves the interface.
pub(crate) fn interface(interface: &Interface) -> TokenStream {
    let Interface { options, attributes, visibility, name, methods } = interface;
    let krate = &options.krate;
    let private = private(krate);
    let stub_methods = methods.iter().map(|method| stub_method(method, krate));
    let cfgs = impl_attributes(attributes);
    let serving = serving(interface);
    code! {
        #(#attributes)*
        #visibility trait #name: #private::Remote {
            #(#stub_methods)*
        }
        #cfgs
        impl #name for #krate::RpcStub<dyn #name> {}
        #cfgs
        impl #name for #krate::RpcPromise<#krate::RpcStub<dyn #name>> {}
        #serving
    }
}

/// A method as the holder of a stub calls it. It gives a promise at once.
fn stub_method(method: &Method, krate: &Path) -> TokenStream {
    let Method { attributes, cfgs, name, .. } = method;
    let parameters = method.parameters.iter().map(|parameter| {
        let (name, ty) = (&parameter.name, parameter_type(parameter, krate));
        code! { #name: #ty }
    });
    let output = output(method);
    let send = send(method, krate);
    code! {
        #(#cfgs)*
        #(#attributes)*
        fn #name(&self #(, #parameters)*) -> #krate::RpcPromise<#output>
        where
            Self: ::core::marker::Sized,
        {
            #send
        }
    }
}

fn parameter_type(parameter: &Parameter, krate: &Path) -> TokenStream {
    match &parameter.mode {
        Mode::Rest(element) => code! {
            impl ::core::iter::IntoIterator<Item = impl #krate::IntoArgument<#element>>
        },
        Mode::Plain | Mode::Default(_) => {
            let ty = arguments::value_type(&parameter.value, krate);
            code! { impl #krate::IntoArgument<#ty> }
        }
    }
}

fn output(method: &Method) -> TokenStream {
    match &method.output {
        Output::Unit => code! { () },
        Output::Value { value, .. } => value.to_token_stream(),
    }
}

fn send(method: &Method, krate: &Path) -> TokenStream {
    let (private, wire) = (private(krate), &method.wire.name);
    if method.kind == Kind::Getter {
        return code! { #private::get_typed(self, #wire) };
    }
    let pushes = method.parameters.iter().map(|parameter| push(parameter, krate));
    let call = match method.kind {
        Kind::Call => code! { #private::invoke_typed(self, arguments.finish()) },
        Kind::Method | Kind::Getter => {
            code! { #private::call_typed(self, #wire, arguments.finish()) }
        }
    };
    code! {
        #[allow(unused_mut)]
        let mut arguments = #private::ArgumentList::new();
        #(#pushes)*
        #call
    }
}

fn push(parameter: &Parameter, krate: &Path) -> TokenStream {
    let name = &parameter.name;
    match &parameter.mode {
        Mode::Rest(element) => code! {
            for argument in #name {
                #krate::IntoArgument::<#element>::add_to(argument, &mut arguments);
            }
        },
        Mode::Plain | Mode::Default(_) => {
            let ty = arguments::value_type(&parameter.value, krate);
            code! { #krate::IntoArgument::<#ty>::add_to(#name, &mut arguments); }
        }
    }
}

/// The table that a target fills in, and the dispatcher over it. The table needs no name of its
/// own: `dyn Name` leads to it. Names of types are not hygienic, hence `__Target`.
fn serving(interface: &Interface) -> TokenStream {
    let Interface { options, attributes, visibility, name, methods } = interface;
    let krate = &options.krate;
    let attributes = impl_attributes(attributes);
    let table = format_ident!("{name}Methods");
    let fields = methods.iter().map(|method| field(method, krate));
    // Only an interface with mistakes has none.
    let unused =
        methods.is_empty().then(|| code! { target: ::core::marker::PhantomData<__Target> });
    let dispatcher = dispatcher(methods, krate, &table);
    code! {
        #attributes
        const _: () = {
            #[doc(hidden)]
            #[allow(non_snake_case)]
            #visibility struct #table<__Target> {
                #(#fields)*
                #unused
            }
            impl #krate::Interface for dyn #name {
                #dispatcher
            }
        };
    }
}

fn field(method: &Method, krate: &Path) -> TokenStream {
    let Method { cfgs, name, .. } = method;
    let private = private(krate);
    let incoming =
        method.parameters.iter().map(|parameter| arguments::value_type(&parameter.value, krate));
    let output = output(method);
    code! {
        #(#cfgs)*
        pub #name: fn(::std::rc::Rc<__Target>, (#(#incoming,)*)) -> #private::Reply<#output>,
    }
}

fn dispatcher(methods: &[Method], krate: &Path, table: &Ident) -> TokenStream {
    let calls = call_arms(methods, |method| answer(method, krate));
    let gets = get_arms(methods, krate, |method| answer(method, krate));
    let invoke = callable(methods).map(|method| {
        let (cfgs, answer) = (&method.cfgs, answer(method, krate));
        code! {
            #(#cfgs)*
            fn invoke<__Target: #krate::Serves<Self>>(
                target: ::std::rc::Rc<__Target>,
                mut arguments: #krate::Arguments<'_>,
            ) -> #krate::Answer {
                #answer
            }
        }
    });
    code! {
        type Methods<__Target: 'static> = #table<__Target>;

        fn call<__Target: #krate::Serves<Self>>(
            target: ::std::rc::Rc<__Target>,
            method: &str,
            mut arguments: #krate::Arguments<'_>,
        ) -> #krate::Answer {
            match method {
                #(#calls)*
                _ => #krate::Answer::NoSuchMethod,
            }
        }
        #invoke
        fn get<__Target: #krate::Serves<Self>>(
            target: ::std::rc::Rc<__Target>,
            property: &str,
        ) -> #krate::Property {
            match property {
                #gets
                _ => #krate::Property::Missing,
            }
        }
    }
}

/// Decodes the arguments and hands them to the target's function.
fn answer(method: &Method, krate: &Path) -> TokenStream {
    let name = &method.name;
    let decode = arguments::decode(method, krate);
    let given = method.parameters.iter().map(|parameter| &parameter.name);
    code! {
        #decode
        (<__Target as #krate::Serves<Self>>::METHODS.#name)(target, (#(#given,)*)).into_answer()
    }
}
