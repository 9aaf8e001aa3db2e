// Frames the npm client never sends, from another implementation that keeps to the protocol.

function frames(name, about, text, free) {
  return { name: `frames_${name}`, about, frames: text, free };
}

export const handwritten = [
  frames("push_value", "a push of a plain value, used by later messages", `
> ["push",{"list":[[1,2,3]],"n":4}]
> ["push",["pipeline",0,["square"],[["pipeline",1,["n"]]]]]
> ["push",["pipeline",1,["list",1]]]
> ["pull",2]
> ["pull",3]
> ["pull",1]

> ["release",1,1]
> ["release",2,1]
> ["release",3,1]
`),
  frames("nested_call", "a call as an argument of a call in one expression", `
> ["push",["pipeline",0,["add"],[["pipeline",0,["square"],[3]],["pipeline",0,["square"],[4]]]]]
> ["pull",1]

> ["release",1,1]
`),
  frames("two_calls_in_push", "a push of an object with two calls in it", `
> ["push",{"a":["pipeline",0,["square"],[2]],"b":[[["pipeline",0,["greet"],["x"]]]]}]
> ["push",["pipeline",1,["a"]]]
> ["pull",1]
> ["pull",2]

> ["release",1,1]
> ["release",2,1]
> ["release",-1,1]
> ["release",-2,1]
`, "values that are ready may stand in the result itself"),
  frames("import_call", "import in place of pipeline: the result is wanted as a stub", `
> ["push",["import",0,["makeCounter"],[3]]]
> ["push",["pipeline",1,["increment"],[1]]]
> ["pull",2]

> ["pull",1]

> ["release",1,1]
> ["release",2,1]
> ["release",-1,1]
`),
  frames("import_main", "the main object as a plain import", `
> ["push",["import",0]]
> ["push",["pipeline",1,["square"],[5]]]
> ["pull",2]
> ["pull",1]

> ["release",1,1]
> ["release",2,1]
> ["release",-1,1]
`),
  frames("index_paths", "numbers in a path are indexes", `
> ["push",["pipeline",0,["friends"],[]]]
> ["push",["pipeline",1,[1,"name"]]]
> ["push",["pipeline",1,[2,"counter","increment"],[1]]]
> ["push",["pipeline",1,["1","name"]]]
> ["push",["pipeline",1,[7]]]
> ["pull",2]
> ["pull",3]
> ["pull",4]
> ["pull",5]

> ["release",1,1]
> ["release",2,1]
> ["release",3,1]
> ["release",4,1]
> ["release",5,1]
`),
  frames("empty_path", "an empty path, with and without arguments", `
> ["push",["pipeline",0,["nested","square"]]]
> ["push",["pipeline",1,[],[6]]]
> ["push",["pipeline",1,[]]]
> ["pull",2]
> ["pull",3]

> ["release",1,1]
> ["release",2,1]
> ["release",3,1]
> ["release",-1,1]
`),
  frames("pull_twice", "a second pull of the same import gives no second answer", `
> ["push",["pipeline",0,["square"],[3]]]
> ["pull",1]
> ["pull",1]

> ["pull",1]

> ["release",1,1]
`),
  frames("release_order", "releases in another order than the pushes", `
> ["push",["pipeline",0,["makeCounter"],[1]]]
> ["push",["pipeline",1,["increment"],[1]]]
> ["push",["pipeline",1,["increment"],[1]]]
> ["release",1,1]
> ["pull",3]
> ["pull",2]

> ["release",3,1]
> ["release",2,1]
`),
  frames("release_before_pull_answer", "a release right behind the pull", `
> ["push",["pipeline",0,["square"],[3]]]
> ["pull",1]
> ["release",1,1]

> ["push",["pipeline",0,["square"],[4]]]
> ["pull",2]

> ["release",2,1]
`),
  frames("export_echoed", "an export as the whole result: the client's own id comes back", `
> ["push",["pipeline",0,["echo"],[["export",-1]]]]
> ["pull",1]

> ["release",1,1]
`),
  frames("export_after_release", "an export named again after the server has released it", `
> ["push",["pipeline",0,["greet"],["x","!",["export",-1]]]]
> ["pull",1]

> ["release",1,1]
> ["push",["pipeline",0,["greet"],["y","!",["export",-1]]]]
> ["pull",2]

> ["release",2,1]
`),
  frames("promise_resolves_to_export", "a promise that resolves to a target", `
> ["push",["pipeline",0,["incrementCounter"],[["promise",-1],5]]]
> ["pull",1]

> ["resolve",-1,["export",-2]]

> ["resolve",1,15]

> ["release",1,1]
`, "the release of an argument may come later"),
  frames("promise_resolves_to_own", "a promise that resolves to a target of the server", `
> ["push",["pipeline",0,["makeCounter"],[1]]]
> ["push",["pipeline",0,["incrementCounter"],[["promise",-1],5]]]
> ["pull",2]

> ["resolve",-1,["pipeline",1]]

> ["release",1,1]
> ["release",2,1]
`),
  frames("promise_resolves_to_promise", "a promise that resolves to another promise", `
> ["push",["pipeline",0,["echo"],[{"v":["promise",-1]}]]]
> ["pull",1]

> ["resolve",-1,{"deep":["promise",-2]}]

> ["resolve",-2,"at last"]

> ["release",1,1]
`),
  frames("promise_rejected_unused", "a promise in an argument of a call that is not pulled", `
> ["push",["pipeline",0,["log"],[["promise",-1]]]]

> ["reject",-1,["error","Error","unseen"]]

> ["release",1,1]
> ["push",["pipeline",0,["logged"],[]]]
> ["pull",2]

> ["release",2,1]
`),
  frames("reject_not_an_error", "a rejection that is no error", `
> ["push",["pipeline",0,["callFunction"],[["export",-1],1]]]
> ["pull",1]

> ["reject",1,{"code":7,"list":[[1]]}]

> ["release",1,1]
`),
  frames("error_forms", "errors with a stack, an unknown type, and a null stack", `
> ["push",["pipeline",0,["echo"],[["error","RangeError","m","RangeError: m\\n    at somewhere"]]]]
> ["push",["pipeline",0,["echo"],[["error","NoSuchError","m"]]]]
> ["push",["pipeline",0,["echo"],[["error","TypeError","m",null,{"a":["date",1],"message":"x","cause":["error","Error","c"]}]]]]
> ["push",["pipeline",0,["echo"],[["error","AggregateError","m",null,{"errors":[[["error","Error","1"],2]]}]]]]
> ["push",["pipeline",0,["echo"],[["error","AggregateError","m"]]]]
> ["pull",1]
> ["pull",2]
> ["pull",3]
> ["pull",4]
> ["pull",5]

> ["release",1,1]
> ["release",2,1]
> ["release",3,1]
> ["release",4,1]
> ["release",5,1]
`),
  frames("value_forms", "forms of values that another encoder may choose", `
# padded base64, an explicit Uint8Array, a date with a fraction, white space
> ["push",["pipeline",0,["echo"],[["bytes","AQ=="]]]]
> ["push",["pipeline",0,["echo"],[["bytes","AQI","Uint8Array"]]]]
> ["push",["pipeline",0,["echo"],[["bytes",""]]]]
> ["push",["pipeline",0,["echo"],[["date",1.5]]]]
>  [ "push" , [ "pipeline" , 0 , [ "echo" ] , [ { "a" : [ [ ] ] } ] ] ]
> ["push",["pipeline",0,["echo"],["\\u00e9\\ud83d\\ude00\\/"]]]
> ["push",["pipeline",0,["echo"],[1.0]]]
> ["pull",1]
> ["pull",2]
> ["pull",3]
> ["pull",4]
> ["pull",5]
> ["pull",6]
> ["pull",7]

> ["release",1,1]
> ["release",2,1]
> ["release",3,1]
> ["release",4,1]
> ["release",5,1]
> ["release",6,1]
> ["release",7,1]
`),
  frames("resolve_unknown", "answers to what nobody asked for are ignored, what they export is released", `
> ["resolve",7,5]
> ["reject",8,["error","Error","x"]]
> ["resolve",-3,{"stub":["export",-1]}]

> ["push",["pipeline",0,["square"],[2]]]
> ["pull",1]

> ["release",1,1]
`),
  frames("pull_main", "a pull of the main object", `
> ["pull",0]

> ["push",["pipeline",-1,["square"],[2]]]
> ["pull",1]

> ["release",-1,1]
> ["release",1,1]
`),
  frames("abort", "the client says that it ends the session", `
> ["push",["pipeline",0,["square"],[2]]]
> ["pull",1]

> ["abort",["error","Error","enough"]]

# nothing is answered any more
> ["push",["pipeline",0,["square"],[3]]]
> ["pull",2]
`),
  frames("bad_message", "the server's abort, and nothing after it", `
> ["push",["pipeline",0,["square"],[2]]]
> ["pull",1]
> ["no such message",1]

> ["push",["pipeline",0,["square"],[3]]]
> ["pull",2]
`),
  frames("map_captures", "a remap with an import and an export captured", `
> ["push",["pipeline",0,["makeCounter"],[10]]]
> ["push",["pipeline",0,["range"],[2]]]
> ["push",["remap",2,[],[["import",1],["export",-1]],[["pipeline",-1,["increment"],[["pipeline",0]]],["pipeline",-2,[],[["pipeline",1]]],[[["pipeline",0],["pipeline",1],["pipeline",2]]]]]]
> ["pull",3]

> ["resolve",1,"a"]
> ["resolve",2,"b"]

> ["release",1,1]
> ["release",2,1]
> ["release",3,1]
> ["release",-1,1]
> ["release",-2,1]
> ["release",-3,1]
> ["release",-4,1]
> ["release",-5,1]
> ["release",-6,1]
`, "promises may be passed on in other ways"),
];
