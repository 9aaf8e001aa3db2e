/**
 * A value of any type that the protocol has, as plain data that `toStrictEqual` compares exactly: the
 * container of bytes, an error's class and extra properties and an invalid date all show.
 */
export function shape(value) {
  if (typeof value !== "object" || value === null) {
    return value;
  }
  if (Array.isArray(value)) {
    return Array.from(value, shape);
  }
  if (value instanceof Date) {
    return ["Date", value.getTime()];
  }
  if (value instanceof URL) {
    return ["URL", value.href];
  }
  if (value instanceof Error) {
    return errorShape(value);
  }
  if (value instanceof ArrayBuffer) {
    return ["ArrayBuffer", [...new Uint8Array(value)]];
  }
  if (ArrayBuffer.isView(value)) {
    return viewShape(value);
  }
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shape(inner)]));
}

function errorShape(error) {
  const props = Object.entries(error).map(([key, inner]) => [key, shape(inner)]);
  return {
    class: Object.getPrototypeOf(error).constructor.name,
    name: error.name,
    message: error.message,
    cause: "cause" in error ? ["cause", shape(error.cause)] : [],
    errors: shape(error.errors),
    props: Object.fromEntries(props.filter(([key]) => key !== "cause" && key !== "errors")),
  };
}

/** Node's `Buffer` is a `Uint8Array`: which of the two a client makes is its own affair. */
function viewShape(view) {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  const container = view instanceof Uint8Array ? "Uint8Array" : view.constructor.name;
  return [container, [...bytes]];
}
