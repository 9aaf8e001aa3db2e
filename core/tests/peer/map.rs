//! Recording of `.map()`.

use serde::Serialize;
use topsail_core::{RpcPromise, RpcStub, Value, function};

use crate::targets::Api;
use crate::world::{Side, World};

fn api(side: &Side) -> RpcStub {
    side.peer.remote_main()
}

#[test]
fn arrays_and_single_values() {
    let (world, client, _server) = World::pair(Api::default());
    let api = api(&client);
    let squares: RpcPromise<Vec<i64>> = api
        .call::<Vec<i64>>("list", (4,))
        .map(|i: RpcPromise<i64>| api.call::<i64>("square", (&i,)));
    assert_eq!(world.run(squares), Ok(vec![0, 1, 4, 9]));
    let one: RpcPromise<i64> =
        api.get::<i64>("answer").map(|i: RpcPromise<i64>| api.call::<i64>("square", (&i,)));
    assert_eq!(world.run(one), Ok(42 * 42));
    let none: RpcPromise<Option<i64>> = api
        .call::<Option<i64>>("null", ())
        .map(|i: RpcPromise<i64>| api.call::<i64>("square", (&i,)));
    assert_eq!(world.run(none), Ok(None));
    drop(api);
    world.finish();
}

/// The whole map is one message.
#[test]
fn what_is_sent() {
    #[derive(Serialize)]
    struct Out {
        of: RpcPromise<i64>,
        square: RpcPromise<i64>,
        literal: [i64; 1],
    }
    let (world, client, _server) = World::pair(Api::default());
    let api = api(&client);
    let promise = api.call::<Vec<i64>>("list", (2,));
    let mapped: RpcPromise<Vec<Value>> = promise.map(|i: RpcPromise<i64>| {
        let square = api.call::<i64>("square", (api.call::<i64>("square", (&i,)),));
        Out { of: i, square, literal: [1] }
    });
    world.settle();
    let sent = client.take_sent();
    let instructions = [
        r#"["pipeline",-1,["square"],[["pipeline",0]]]"#,
        r#"["pipeline",-1,["square"],[["pipeline",1]]]"#,
        r#"{"of":["pipeline",0],"square":["pipeline",2],"literal":[[1]]}"#,
    ];
    let remap = format!(r#"["remap",1,[],[["import",0]],[{}]]"#, instructions.join(","));
    assert_eq!(sent[1], format!(r#"["push",{remap}]"#));
    drop((api, promise, mapped));
    world.finish();
}

/// Maps in maps, with variables of the outer one inside.
#[test]
fn nested() {
    let (world, client, _server) = World::pair(Api::default());
    let api = api(&client);
    let table: RpcPromise<Vec<Vec<(i64, i64)>>> =
        api.call::<Vec<i64>>("list", (3,)).map(|n: RpcPromise<i64>| {
            api.call::<Vec<i64>>("list", (&n,)).map::<i64, Vec<(i64, i64)>, _>(|i| {
                api.call::<(i64, i64)>("echo", ((&n, api.call::<i64>("square", (&i,))),))
            })
        });
    let expected: Vec<Vec<(i64, i64)>> = vec![vec![], vec![(1, 0)], vec![(2, 0), (2, 1)]];
    assert_eq!(world.run(table), Ok(expected));
    drop(api);
    world.finish();
}

/// Stubs from outside are captured: the peer's, this side's, and promises.
#[test]
fn captures() {
    let (world, client, _server) = World::pair(Api::default());
    let api = api(&client);
    let mine = function(|i: i64| i + 100);
    let counter = api.call::<RpcStub>("makeCounter", (0,));
    let ten = api.call::<i64>("square", (10,));
    let mapped: RpcPromise<Vec<(i64, i64, i64)>> = api.call::<Vec<i64>>("list", (3,)).map(|i| {
        let i: RpcPromise<i64> = i;
        (mine.invoke::<i64>((&i,)), counter.call::<i64>("increment", (2,)), ten.dup())
    });
    assert_eq!(world.run(mapped), Ok(vec![(100, 2, 100), (101, 4, 100), (102, 6, 100)]));
    drop((api, mine, counter, ten));
    world.finish();
}

/// Properties of the placeholder, and stubs in the elements.
#[test]
fn properties() {
    let (world, client, _server) = World::pair(Api::default());
    let api = api(&client);
    let values: RpcPromise<Vec<(String, i64)>> = api.call::<()>("friends", ()).map(|friend| {
        let friend: RpcPromise<()> = friend;
        (friend.get::<String>("name"), friend.get::<()>("counter").call::<i64>("increment", (10,)))
    });
    let expected = [("a", 11), ("b", 12), ("c", 13)].map(|(name, value)| (name.to_owned(), value));
    assert_eq!(world.run(values), Ok(expected.to_vec()));
    drop(api);
    world.finish();
}

/// A map over something of this process records and runs in the same way.
#[test]
fn local() {
    let list = RpcPromise::<Vec<i64>>::ready([1, 2, 3]);
    let double = function(|i: i64| i * 2);
    let mapped: RpcPromise<Vec<i64>> = list.map(|i: RpcPromise<i64>| double.invoke::<i64>((&i,)));
    assert_eq!(futures::executor::block_on(mapped), Ok(vec![2, 4, 6]));
}

/// A placeholder means nothing outside of its function.
#[test]
fn placeholders_outside() {
    const MESSAGE: &str = "a value inside a map function is a placeholder: \
         it cannot be awaited, and not be used outside of the function";
    let (world, client, _server) = World::pair(Api::default());
    let api = api(&client);
    let mut leaked = None;
    let list = api.call::<Vec<i64>>("list", (2,));
    drop(list.map::<i64, (), _>(|i| {
        leaked = Some(i);
    }));
    let leaked = leaked.unwrap();
    let call = leaked.call::<i64>("x", ());
    let argument = api.call::<i64>("square", (&leaked,));
    let in_other: RpcPromise<i64> = list.map(|_: RpcPromise<i64>| leaked.get::<i64>("x"));
    for result in [world.run(call), world.run(argument), world.run(in_other), world.run(leaked)] {
        assert_eq!(result.unwrap_err().message(), MESSAGE);
    }
    drop((api, list));
    world.finish();
}
