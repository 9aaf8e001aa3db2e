//! The objects of `tests/transcripts/target.mjs`.

use topsail_core::json::{write_f64, write_str};
use topsail_core::proto::{Cap, CapId, Path, TargetId};
use topsail_core::{Payload, RpcError};

use super::args::Args;
use super::echo::echo;
use super::world::{MAIN, Outcome, World};

#[derive(Debug)]
pub(super) enum Object {
    Main,
    Counter(f64),
    /// `(i) => i * i`
    Square,
    /// A method of the main object that was read as a property.
    Method(String),
}

const METHODS: &str = " square add greet returnUndefined returnNull generateFibonacci echo range \
    throwError throwWithProps makeCounter incrementCounter callSquare callFunction callTwice keep \
    callKept dropKept self friends log logged ";

impl World {
    pub(super) fn get(&mut self, target: TargetId, name: &str) -> Outcome {
        match (&self.objects[target.0 as usize], name) {
            (Some(Object::Main), "nested") => Ok(self.nested()),
            (Some(Object::Main), "instanceProperty") => Err(instance_property(name)),
            (Some(Object::Main), name) if METHODS.contains(&format!(" {name} ")) => {
                let method = self.export(Object::Method(name.to_owned()));
                Ok(Payload::from_cap(Cap::Stub(method)))
            }
            (Some(Object::Counter(value)), "value") => Ok(number(*value)),
            _ => Ok(Payload::default()),
        }
    }

    /// Calls a method; an empty name calls the target itself.
    pub(super) fn call(&mut self, target: TargetId, name: &str, args: &Args) -> Outcome {
        match (&mut self.objects[target.0 as usize], name) {
            (Some(Object::Main), _) => self.call_main(name, args),
            (Some(Object::Counter(value)), "increment") => {
                *value += args.number_or(0, 1.0);
                Ok(number(*value))
            }
            (Some(Object::Square), "") => Ok(number(args.number(0).powi(2))),
            (Some(Object::Method(method)), "") => {
                let method = method.clone();
                self.call_main(&method, args)
            }
            _ => Err(not_a_function(name)),
        }
    }

    fn call_main(&mut self, name: &str, args: &Args) -> Outcome {
        Ok(match name {
            "square" => number(args.number(0).powi(2)),
            "add" => sum(args),
            "greet" => greeting(args),
            "returnUndefined" => Payload::default(),
            "returnNull" => Payload::from_text(String::from("null")),
            "generateFibonacci" => array(fibonacci(args.number(0) as usize)),
            "echo" => echo(self, args),
            "range" => array((0..args.number(0) as u64).map(|number| number as f64)),
            "throwError" => return Err(RpcError::range_error("test error")),
            "throwWithProps" => return Err(error_with_props()),
            "makeCounter" => {
                Payload::from_cap(Cap::Stub(self.export(Object::Counter(args.number(0)))))
            }
            "incrementCounter" => {
                let mut amount = Payload::from_text(String::from("["));
                write_f64(amount.text_mut(), args.number_or(1, 1.0));
                amount.text_mut().push(']');
                let counter = args.cap(0).ok_or_else(|| not_a_function("counter.increment"))?;
                Payload::from_cap(self.promise_of(counter, "increment", amount))
            }
            "callSquare" => self.call_square(args)?,
            "callTwice" => self.call_twice(args)?,
            "keep" => self.keep(args)?,
            "callKept" => self.call_kept(args)?,
            "dropKept" => self.drop_kept(),
            "self" => Payload::from_cap(Cap::Stub(self.session.target(MAIN))),
            "friends" => self.friends(),
            "log" => {
                self.log.push(args.raw(0).unwrap_or_else(|| String::from(r#"["undefined"]"#)));
                Payload::default()
            }
            "logged" => Payload::from_text(format!("[[{}]]", self.log.join(","))),
            _ => return Err(not_a_function(name)),
        })
    }

    /// A call whose promise is not awaited.
    fn promise_of(&mut self, on: CapId, method: &str, args: Payload<Cap>) -> Cap {
        let path = if method.is_empty() { Path::new() } else { Path::of(method) };
        Cap::Promise(self.session.call(on, &path, args, &mut self.turn))
    }

    fn call_square(&mut self, args: &Args) -> Outcome {
        let i = numbers(&[args.number(1)]);
        let promise = match (args.cap(0), args.member(0, "square")) {
            (Some(target), _) => self.promise_of(target, "square", i),
            (None, Some(function)) => self.promise_of(function, "", i),
            (None, None) => return Err(not_a_function("self.square")),
        };
        let mut payload = Payload::from_text(String::from("{\"result\":"));
        payload.push_cap(promise);
        payload.text_mut().push('}');
        Ok(payload)
    }

    /// The call of `callFunction`, which awaits the promise.
    pub(super) fn call_function(&mut self, args: &Args) -> Result<CapId, RpcError> {
        let function = args.cap(0).ok_or_else(|| RpcError::type_error("f is not a function"))?;
        Ok(self.promise_of(function, "", numbers(&[args.number(1)])).id())
    }

    fn call_twice(&mut self, args: &Args) -> Outcome {
        let function = args.cap(0).ok_or_else(|| RpcError::type_error("f is not a function"))?;
        let mut payload = Payload::from_text(String::from("[["));
        payload.push_cap(self.promise_of(function, "", numbers(&[args.number(1)])));
        payload.text_mut().push(',');
        payload.push_cap(self.promise_of(function, "", numbers(&[args.number(1) + 1.0])));
        payload.text_mut().push_str("]]");
        Ok(payload)
    }

    fn keep(&mut self, args: &Args) -> Outcome {
        let Some(cap) = args.cap(0) else { return Err(not_a_function("capability.dup")) };
        self.drop_kept();
        self.session.retain(cap);
        self.kept = Some(cap);
        Ok(Payload::default())
    }

    fn call_kept(&mut self, args: &Args) -> Outcome {
        let Some(kept) = self.kept else { return Err(RpcError::error("nothing is kept")) };
        let mut owned = Payload::empty();
        owned.push_payload(args.payload(), |cap| self.retain(cap.id()));
        Ok(Payload::from_cap(self.promise_of(kept, "", owned)))
    }

    fn drop_kept(&mut self) -> Payload<Cap> {
        if let Some(kept) = self.kept.take() {
            self.session.release(kept, &mut self.turn);
        }
        Payload::default()
    }

    fn friends(&mut self) -> Payload<Cap> {
        let mut payload = Payload::from_text(String::from("[["));
        for (name, value) in [("ada", 10.0), ("ben", 20.0), ("cyd", 30.0)] {
            if payload.has_caps() {
                payload.text_mut().push(',');
            }
            payload.text_mut().push_str(&format!("{{\"name\":\"{name}\",\"counter\":"));
            payload.push_cap(Cap::Stub(self.export(Object::Counter(value))));
            payload.text_mut().push('}');
        }
        payload.text_mut().push_str("]]");
        payload
    }

    fn nested(&mut self) -> Payload<Cap> {
        let mut payload = Payload::from_text(String::from("{\"square\":"));
        payload.push_cap(Cap::Stub(self.export(Object::Square)));
        payload.text_mut().push_str(",\"counter\":");
        payload.push_cap(Cap::Stub(self.export(Object::Counter(5.0))));
        payload.text_mut().push_str(",\"list\":[[1,2,3]],\"deep\":{\"value\":42}}");
        payload
    }
}

fn number(number: f64) -> Payload<Cap> {
    let mut payload = Payload::empty();
    match number.is_nan() {
        true => payload.text_mut().push_str("[\"nan\"]"),
        false => write_f64(payload.text_mut(), number),
    }
    payload
}

/// The sum of numbers, or strings joined.
fn sum(args: &Args) -> Payload<Cap> {
    match (args.string(0), args.string(1)) {
        (Some(first), Some(second)) => {
            let mut payload = Payload::empty();
            write_str(payload.text_mut(), &(first + &second));
            payload
        }
        _ => number(args.number(0) + args.number(1)),
    }
}

fn numbers(values: &[f64]) -> Payload<Cap> {
    let mut payload = Payload::from_text(String::from("["));
    for &value in values {
        write_f64(payload.text_mut(), value);
    }
    payload.text_mut().push(']');
    payload
}

fn array(values: impl IntoIterator<Item = f64>) -> Payload<Cap> {
    let texts: Vec<String> = values.into_iter().map(|value| number(value).text().into()).collect();
    Payload::from_text(format!("[[{}]]", texts.join(",")))
}

fn fibonacci(n: usize) -> Vec<f64> {
    let mut numbers = vec![0.0, 1.0];
    while numbers.len() < n {
        numbers.push(numbers[numbers.len() - 1] + numbers[numbers.len() - 2]);
    }
    numbers.truncate(n);
    numbers
}

fn greeting(args: &Args) -> Payload<Cap> {
    let name = args.string(0).unwrap_or_default();
    let punctuation = args.string(1).unwrap_or_else(|| String::from("!"));
    let mut payload = Payload::empty();
    write_str(payload.text_mut(), &format!("Hello, {name}{punctuation}"));
    payload
}

fn error_with_props() -> RpcError {
    let text = r#"["error","TypeError","with props",null,{"code":"E_TEST","details":{"at":7},"cause":["error","Error","inner"]}]"#;
    super::echo::error(text)
}

fn not_a_function(name: &str) -> RpcError {
    RpcError::type_error(format!("'{name}' is not a function."))
}

fn instance_property(name: &str) -> RpcError {
    RpcError::type_error(format!(
        "Attempted to access property '{name}', which is an instance property of the RpcTarget. To \
         avoid leaking private internals, instance properties cannot be accessed over RPC. If you \
         want to make this property available over RPC, define it as a method or getter on the \
         class, instead of an instance property."
    ))
}
