import { afterEach, expect, it, vi } from "vitest";
import { Overheard } from "../../src/cli/overheard.ts";
import { Unreachable } from "../../src/cli/patience.ts";
import { ProblemError } from "../../src/client/index.ts";
import { problemOf } from "../../src/protocol/index.ts";

afterEach(() => vi.unstubAllGlobals());

const why = new Unreachable("no answer within 1 s");
const slow = problemOf({ code: "rate-limited", detail: "Wait." });
const asked = "https://chat.example/api/rooms/lobby";

/** One that has asked so often, and was answered so. */
async function heardOf(...answers: [method: string, answer: Response | Error][]) {
  const heard = new Overheard();
  for (const [method, answer] of answers) {
    const settled = answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    vi.stubGlobal("fetch", () => settled);
    const path = method === "POST" ? "/messages" : "";
    await heard.fetch(asked + path, { method }).catch(() => {});
  }
  return heard;
}

const fine = () => new Response("{}", { headers: { "content-type": "application/json" } });
const proxy = (status: number) =>
  new Response("<h1>no", {
    status,
    statusText: "No\u009b",
    headers: { "content-type": "text/html" },
  });
const refused = (problem = slow) =>
  new Response(JSON.stringify(problem), {
    status: problem.status,
    headers: { "content-type": "application/problem+json" },
  });

it("CLI13: when the time is up, the last word counts", async () => {
  expect((await heardOf()).timeUp(why)).toBe(why);
  expect((await heardOf(["GET", fine()])).timeUp(why)).toBe(why);
  const heard = await heardOf(["POST", refused()], ["GET", fine()]);
  expect(heard.timeUp(why)).toMatchObject({ name: ProblemError.name, problem: slow });
  expect((await heardOf(["POST", refused()], ["POST", fine()])).timeUp(why)).toBe(why);
  expect((await heardOf(["GET", refused()], ["GET", new TypeError()])).timeUp(why)).toBe(why);
});

it("CLI17: what a proxy answers is not the server's word", async () => {
  for (const status of [200, 403, 404, 502]) {
    const heard = await heardOf(["GET", refused()], ["GET", proxy(status)]);
    expect(heard.timeUp(why)).toMatchObject({
      name: Unreachable.name,
      message: `no answer within 1 s from the server; something before it answers ${status} No\\u009b`,
    });
  }
});

it("CLI17: once a socket opens, what was answered before is past", async () => {
  const heard = await heardOf(["GET", proxy(404)]);
  heard.opened();
  expect([heard.words(), heard.timeUp(why)]).toEqual([null, why]);
});

it("CLI18: a message that left is in doubt until something says that it is not written", async () => {
  expect((await heardOf(["GET", new TypeError()])).isInDoubt).toBe(false);
  expect((await heardOf(["POST", new TypeError()])).isInDoubt).toBe(true);
  expect((await heardOf(["POST", proxy(502)])).isInDoubt).toBe(true);
  expect((await heardOf(["POST", proxy(404)])).isInDoubt).toBe(false);
  // The first may be what was written.
  expect((await heardOf(["POST", new TypeError()], ["POST", refused()])).isInDoubt).toBe(true);

  const heard = new Overheard();
  heard.left("ping");
  heard.left(JSON.stringify({ op: "typing" }));
  expect(heard.isInDoubt).toBe(false);
  heard.left(JSON.stringify({ op: "send", nonce: "n", text: "hi" }));
  expect(heard.isInDoubt).toBe(true);
  heard.came(JSON.stringify({ op: "fail", nonce: "n", problem: slow }));
  expect(heard.isInDoubt).toBe(false);
  expect(heard.timeUp(why)).toMatchObject({ problem: slow });
  heard.left(JSON.stringify({ op: "send", nonce: "n", text: "hi" }));
  heard.begin();
  expect(heard.isInDoubt).toBe(false);
  expect(heard.timeUp(why)).toBe(why);
});
