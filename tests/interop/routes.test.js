import { describe, expect, it } from "vitest";
import { connect, get, rawPost, SHOWS_UPGRADE } from "./connect.js";

describe("routes", () => {
  it.each([
    ["GET", "/"],
    ["GET", "/nothing"],
    ["GET", "/apis"],
    ["GET", "/api/more"],
    ["POST", "/"],
    ["POST", "/nothing"],
    ["PUT", "/nothing"],
  ])("%s %s is 404", async (method, path) => {
    const response = await get(path, { method });
    await response.body?.cancel();
    expect(response.status).toBe(404);
  });

  it.each(["PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"])("%s /api is 405 and says what is allowed", async (method) => {
    const response = await get("/api", { method });
    await response.body?.cancel();
    expect(response.status).toBe(405);
    const allowed = response.headers.get("Allow").split(/\s*,\s*/);
    expect(allowed.sort()).toEqual(["GET", "POST"]);
  });

  it.each(["/api", "/api?query=1"])("GET %s without an upgrade is 426", async (path) => {
    const response = await get(path);
    await response.body?.cancel();
    expect(response.status).toBe(426);
    expect(response.headers.get("Upgrade")?.toLowerCase()).toBe(SHOWS_UPGRADE ? "websocket" : undefined);
  });

  it("a batch may be read by any origin", async () => {
    const { status, cors } = await rawPost("");
    expect(status).toBe(200);
    expect(cors).toBe("*");
  });

  it("each session has a target of its own", async () => {
    using first = await connect();
    using second = await connect();
    await first.log("first");
    expect(await second.logged()).toEqual([]);
    expect(await first.logged()).toEqual(["first"]);
  });
});
