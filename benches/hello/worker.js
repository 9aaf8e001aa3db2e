/** The smallest useful Worker with the npm package `capnweb`, for its size. */
import { newWorkersRpcResponse, RpcTarget } from "capnweb";

class Api extends RpcTarget {
  hello(name) {
    return `Hello, ${name}!`;
  }
}

export default {
  fetch: (request) => newWorkersRpcResponse(request, new Api()),
};
