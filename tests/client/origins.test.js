import { request } from "node:http";
import { describe, expect, inject, it } from "vitest";

const WORKER = inject("client");
const APP = "https://app.example";
const EVIL = "https://evil.example";
const UPGRADE = {
  Connection: "Upgrade",
  Upgrade: "websocket",
  "Sec-WebSocket-Version": "13",
  "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
};

/** The status and the headers for CORS of the answer. `fetch` would not send these headers, and hide the upgrade. */
function ask(method, path, headers) {
  return new Promise((resolve, reject) => {
    const asked = request(WORKER + path, { method, headers });
    const answered = ({ statusCode, headers: answer }, end) => {
      end.destroy();
      resolve([statusCode, answer["access-control-allow-origin"], answer.vary, answer["access-control-allow-credentials"]]);
    };
    asked.on("response", (response) => answered(response, response));
    asked.on("upgrade", (response, socket) => answered(response, socket));
    asked.on("error", reject);
    asked.end();
  });
}

const post = (path, origin) => ask("POST", path, origin && { Origin: origin });
const upgrade = (path, origin) => ask("GET", path, { ...UPGRADE, ...(origin && { Origin: origin }) });

/** Rows of `[path, origin, whether it may, the header for CORS]`. */
const RULES = [
  ["/origins/any", undefined, true, "*"],
  ["/origins/any", EVIL, true, "*"],
  ["/origins/any", "null", true, "*"],
  ["/origins/listed", undefined, true, undefined],
  ["/origins/listed", APP, true, APP],
  ["/origins/listed", WORKER, true, WORKER],
  ["/origins/listed", EVIL, false],
  ["/origins/listed", "null", false],
  ["/origins/listed", "http://app.example", false],
  ["/origins/listed", `${APP}:8443`, false],
  ["/origins/listed", `${APP}.evil.example`, false],
  ["/origins/own", undefined, true, undefined],
  ["/origins/own", WORKER, true, WORKER],
  ["/origins/own", APP, false],
];

const REFUSED = [403, undefined, undefined, undefined];

describe("origins", () => {
  it.each(RULES)("a batch at %s from %s: %s", async (path, origin, isAllowed, cors) => {
    const vary = cors === undefined || cors === "*" ? undefined : "Origin";
    expect(await post(path, origin)).toEqual(isAllowed ? [200, cors, vary, undefined] : REFUSED);
  });

  it.each([
    ["/credentials/any", APP, "*", undefined, undefined],
    ["/credentials/listed", undefined, undefined, undefined, undefined],
    ["/credentials/listed", APP, APP, "Origin", "true"],
    ["/credentials/listed", WORKER, WORKER, "Origin", undefined],
    ["/credentials/raw", undefined, undefined, undefined, undefined],
    ["/credentials/raw", APP, APP, "Origin", "true"],
    ["/credentials/raw", WORKER, WORKER, "Origin", undefined],
  ])("a batch with credentials at %s from %s", async (path, origin, ...headers) => {
    expect(await post(path, origin)).toEqual([200, ...headers]);
    expect(await post(path, EVIL)).toEqual(path === "/credentials/any" ? [200, ...headers] : REFUSED);
  });

  it.each(RULES)("a WebSocket at %s from %s: %s", async (path, origin, isAllowed) => {
    expect((await upgrade(path, origin))[0]).toBe(isAllowed ? 101 : 403);
  });

  it.each([
    ["/batch", APP, [200, 405]],
    ["/batch", EVIL, [403, 405]],
    ["/socket", APP, [405, 101]],
    ["/socket", EVIL, [405, 403]],
  ])("%s from %s", async (path, origin, statuses) => {
    const [[batch], [socket]] = [await post(path, origin), await upgrade(path, origin)];
    expect([batch, socket]).toEqual(statuses);
  });
});
