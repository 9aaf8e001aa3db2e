/**
 * Frames that no peer may send, as rows of `[what, …frames]`: the last frame of a row must end the session.
 * Strings and bytes are sent as they are, anything else as JSON.
 */

const ECHO = (expression) => ["push", ["pipeline", 0, ["echo"], [expression]]];

function nested(depth, open, close) {
  return `["push",["pipeline",0,["echo"],[${open.repeat(depth)}1${close.repeat(depth)}]]]`;
}

const NOT_MESSAGES = [
  ["text that is no JSON", "hello"],
  ["an empty frame", " "],
  ["JSON that ends early", '["push",["pipeline",0'],
  ["JSON with a tail", '["pull",1] x'],
  ["two messages in one frame", '["push",1]["pull",1]'],
  ["a comma too many", '["push",[1,]]'],
  ["a single quote", "['pull',1]"],
  ["a bad escape", '["push","\\x41"]'],
  ["a bad number", '["push",01]'],
  ["a frame of bytes", Uint8Array.of(0, 1, 2, 255)],
  ["null", null],
  ["a number", 42],
  ["a string", '"push"'],
  ["an object", { push: 1 }],
  ["an empty array", []],
  ["an array in an array", [["push", 1]]],
];

const BAD_MESSAGES = [
  ["an unknown message", ["nonsense", 1]],
  ["a message of the wrong case", ["Push", 1]],
  ["a number for a message", [1, 2]],
  ["a push of nothing", ["push"]],
  ["a stream of nothing", ["stream"]],
  ["a pull of nothing", ["pull"]],
  ["a pull of a string", ["pull", "1"]],
  ["a pull of an id that was never pushed", ["pull", 99]],
  ["a pull of a negative id", ["pull", -1]],
  ["a pull of a fraction", ["pull", 0.5]],
  ["a pull of a huge id", ["pull", 1e300]],
  ["a resolve of nothing", ["resolve"]],
  ["a resolve without a value", ["resolve", -1]],
  ["a resolve of a string", ["resolve", "x", 1]],
  ["a reject without an error", ["reject", -1]],
  ["a release of nothing", ["release"]],
  ["a release without a count", ["release", 0]],
  ["a release of a string", ["release", "0", 1]],
  ["a release with a string for a count", ["release", 0, "1"]],
  ["a release of an unknown id", ["release", 99, 1]],
  ["a release of an unknown export", ["release", -7, 1]],
  ["a release of too many", ["release", 0, 2]],
  ["a release of far too many", ["release", 0, 1e18]],
  ["a release of a result twice", ["push", 1], ["release", 1, 1], ["release", 1, 1]],
  ["a release of a result too often", ["push", 1], ["release", 1, 2]],
  ["a pull after the release", ["push", 1], ["release", 1, 1], ["pull", 1]],
];

const BAD_EXPRESSIONS = [
  ["an unknown expression", ECHO(["nonsense"])],
  ["an unknown expression deep inside", ECHO({ a: [[1, { b: ["nonsense", 2] }]] })],
  ["an empty expression", ["push", []]],
  ["an array that is not escaped", ECHO([1, 2])],
  ["an escaped array with a tail", ECHO([[1], 2])],
  ["undefined with a tail", ECHO(["undefined", 1])],
  ["a bigint of a number", ECHO(["bigint", 5])],
  ["a bigint of letters", ECHO(["bigint", "12x"])],
  ["a bigint of too many digits", ECHO(["bigint", "9".repeat(16_385)])],
  ["a date of a string", ECHO(["date", "2025-06-08"])],
  ["a date of nothing", ECHO(["date"])],
  ["bytes of a number", ECHO(["bytes", 5])],
  ["bytes of an unknown container", ECHO(["bytes", "AAAA", "Float16Array"])],
  ["bytes of a number for a container", ECHO(["bytes", "AAAA", 5])],
  ["three bytes of 16-bit numbers", ECHO(["bytes", "AAAA", "Int16Array"])],
  ["an error without a message", ECHO(["error", "Error"])],
  ["an error of a number", ECHO(["error", 5, "message"])],
  ["an error with an array for properties", ECHO(["error", "Error", "message", null, []])],
  ["an error with an unknown expression inside", ECHO(["error", "Error", "m", null, { cause: ["nonsense"] }])],
  ["a url of a number", ECHO(["url", 5])],
  ["an export without an id", ECHO(["export"])],
  ["an export of a string", ECHO(["export", "x"])],
  ["a promise without an id", ECHO(["promise"])],
  ["an unknown expression under a dropped name", ECHO({ toString: ["nonsense"] })],
];

const BAD_REFERENCES = [
  ["an import of an unknown id", ["push", ["import", 99]]],
  ["a pipeline to an unknown id", ["push", ["pipeline", 99, ["x"], []]]],
  ["a pipeline to its own id", ["push", ["pipeline", 1, ["x"], []]]],
  ["a pipeline to an export that was never made", ["push", ["pipeline", -1, ["x"], []]]],
  ["a pipeline to a fraction", ["push", ["pipeline", 0.5, ["x"], []]]],
  ["a pipeline to a string", ["push", ["pipeline", "0", ["square"], [1]]]],
  ["a pipeline to nothing", ["push", ["pipeline"]]],
  ["a pipeline with a string for a path", ["push", ["pipeline", 0, "square", [1]]]],
  ["a pipeline with an object in its path", ["push", ["pipeline", 0, [{}], [1]]]],
  ["a pipeline with null in its path", ["push", ["pipeline", 0, ["nested", null]]]],
  ["a pipeline with an object for arguments", ["push", ["pipeline", 0, ["square"], { 0: 1 }]]],
  ["a pipeline with a tail", ["push", ["pipeline", 0, ["square"], [1], 2]]],
  ["an unknown id inside arguments", ECHO([[1, ["pipeline", 99]]])],
  ["a pipeline to a released result", ["push", 1], ["release", 1, 1], ["push", ["pipeline", 1, ["x"]]]],
  ["a map without instructions", ["push", ["remap", 0, []]]],
  ["a map of an unknown id", ["push", ["remap", 99, [], [], [["import", 0]]]]],
  ["a map with an object for captures", ["push", ["remap", 0, [], {}, [["import", 0]]]]],
  ["a map with an unknown capture", ["push", ["remap", 0, [], [["nonsense", 1]], [["import", 0]]]]],
  ["a map with a capture of an unknown id", ["push", ["remap", 0, [], [["import", 99]], [["import", 0]]]]],
  ["a map with an object in its path", ["push", ["remap", 0, [{}], [], [["import", 0]]]]],
];

const TOO_DEEP = [
  ["arrays nested 300 deep", nested(300, "[[", "]]")],
  ["objects nested 300 deep", nested(300, '{"a":', "}")],
  ["errors nested 300 deep", nested(300, '["error","Error","m",null,{"cause":', "}]")],
  ["arguments nested 300 deep", `["push",${'["pipeline",0,["echo"],['.repeat(300)}1${"]]".repeat(300)}]`],
  ["brackets nested 100,000 deep", nested(100_000, "[", "]")],
  ["brackets that are never closed", "[".repeat(100_000)],
];

export const FRAMES = [...NOT_MESSAGES, ...BAD_MESSAGES, ...BAD_EXPRESSIONS, ...BAD_REFERENCES, ...TOO_DEEP];
