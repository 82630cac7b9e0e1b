import { exports } from "cloudflare:workers";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { EventPage, ROUTES, type Event, type Route } from "../../src/protocol/index.ts";
import { Line, ORIGIN, call, follow, makeRoom, posted, signIn } from "../support/worker.ts";

/** Text that has broken servers before. */
const nasty = fc.constantFrom(
  "",
  " ",
  ".",
  "..",
  "../..",
  "%2e%2e%2f",
  "%00",
  "%",
  "%zz",
  "%c3%28",
  "%ED%A0%80",
  "%0d%0aset-cookie:%20a=b",
  "lobby%2Fevents",
  "lobby%00",
  "LOBBY",
  "__proto__",
  "constructor",
  "toString",
  "null",
  "undefined",
  "NaN",
  "-1",
  "0",
  "1",
  "1e9",
  "0x10",
  "9007199254740991",
  "9007199254740992",
  "99999999999999999999999999",
  "' OR 1=1 --",
  "\u{0}",
  "\u{202E}",
  "👍",
  "❤",
  "%F0%9F%91%8D",
  "a".repeat(300),
  "lobby",
  "hostile",
);
const piece = fc.oneof(nasty, fc.string({ unit: "grapheme", maxLength: 12 }));
const routes = Object.values(ROUTES) as Route[];

const path = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .record({
        route: fc.constantFrom(...routes),
        parts: fc.array(piece, { minLength: 3, maxLength: 3 }),
        ours: fc.boolean(),
      })
      .map(({ route, parts: [slug = "", seq = "", emoji = ""], ours }) =>
        route.path
          .replace(":slug", () => (ours ? "hostile" : slug))
          .replace(":seq", () => (ours ? String(seq.length % 9) : seq))
          .replace(":emoji", () => emoji),
      ),
  },
  { weight: 1, arbitrary: fc.array(piece, { maxLength: 6 }).map((parts) => `/${parts.join("/")}`) },
  {
    weight: 1,
    arbitrary: fc.array(piece, { maxLength: 4 }).map((parts) => `/api/${parts.join("/")}`),
  },
);
const query = fc.array(
  fc.tuple(
    fc.oneof(
      fc.constantFrom("after", "before", "limit", "types", "epoch", "last", "cursor", "query"),
      fc.constantFrom("signals", "wait"),
      piece,
    ),
    piece,
  ),
  { maxLength: 4 },
);
const field = fc.oneof(piece, fc.jsonValue(), fc.constantFrom(1, 2, 3, 2 ** 53, -1, 1.5));
const body = fc.oneof(
  fc.constant(undefined),
  fc.string({ unit: "binary", maxLength: 40 }).map((text) => text.toWellFormed()),
  fc.json(),
  fc
    .dictionary(
      fc.constantFrom(
        "text",
        "nonce",
        "replyTo",
        "name",
        "slug",
        "title",
        "topic",
        "visibility",
        "posting",
        "__proto__",
      ),
      field,
    )
    .map((value) => JSON.stringify(value)),
);
const headerValue = fc.oneof(
  fc.constantFrom(
    "x",
    "websocket",
    "application/json",
    "text/plain",
    ORIGIN,
    "null",
    "Bearer x",
    "wait=0",
    '"x.1.0"',
    "1",
    "-1",
    "gzip",
  ),
  fc.stringMatching(/^[\x21-\x7e]{1,30}$/),
);
const headers = fc.dictionary(
  fc.constantFrom(
    "content-type",
    "idempotency-key",
    "upgrade",
    "sec-websocket-protocol",
    "range",
    "if-match",
    "x-forwarded-for",
    "backchannel-attach",
    "accept",
    "sec-fetch-site",
    "last-event-id",
    "if-none-match",
    "prefer",
  ),
  headerValue,
);

it("HTTP4: thousands of random requests are no 500, and the log holds what was accepted", async () => {
  const people = await Promise.all(Array.from({ length: 12 }, (_, n) => signIn(`P${n}`)));
  const [ada] = people as [(typeof people)[0]];
  await makeRoom(ada, { slug: "hostile" });
  const first = await posted(ada, "hostile", "first");
  const method = fc.constantFrom(
    "GET",
    "GET",
    "POST",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "HEAD",
    "OPTIONS",
  );
  const asked = fc.record({
    method,
    path,
    query,
    headers,
    body,
    who: fc.nat({ max: 15 }),
    typed: fc.boolean(),
  });
  const statuses = new Map<number, number>();
  const accepted: Event[] = [first];
  let turn = 0;
  await fc.assert(
    fc.asyncProperty(asked, async (request) => {
      let url: URL;
      try {
        url = new URL(request.path, ORIGIN);
      } catch {
        return;
      }
      if (url.origin !== ORIGIN) return;
      for (const [name, value] of request.query) url.searchParams.append(name, value);
      // The owner stays out of it, and nobody signs out: else most of what follows were refused.
      const ends = request.method === "DELETE" && url.pathname.startsWith("/api/session");
      const cookie = ends ? undefined : people[request.who + 1]?.cookie;
      const takesBody = request.body !== undefined && !["GET", "HEAD"].includes(request.method);
      turn += 1;
      const response = await exports.default.fetch(
        new Request(url, {
          method: request.method,
          redirect: "manual",
          headers: {
            origin: ORIGIN,
            "cf-connecting-ip": `10.9.${turn >> 8}.${turn & 255}`,
            ...(cookie === undefined ? {} : { cookie }),
            ...request.headers,
            ...(takesBody && request.typed ? { "content-type": "application/json" } : {}),
          },
          ...(takesBody ? { body: request.body as string } : {}),
        }),
      );
      statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
      expect(response.status, `${request.method} ${url.href} ${request.body}`).toBeLessThan(500);
      if (response.webSocket !== null) return new Line(response.webSocket).hangUp();
      // A stream has no end.
      if (response.headers.get("content-type") === "text/event-stream") {
        return response.body?.cancel();
      }
      const text = await response.text();
      if (response.headers.get("content-type")?.includes("json") && request.method !== "HEAD") {
        const value = JSON.parse(text) as Event & { status?: number };
        if (response.status >= 400) expect(value.status).toBe(response.status);
        if (response.status < 300 && value.room === "hostile") accepted.push(value);
      }
    }),
    { numRuns: 3000 },
  );
  expect(statuses.get(404)).toBeGreaterThan(100);
  expect(statuses.get(400)).toBeGreaterThan(20);
  const last = await posted(ada, "hostile", "still here");
  const log: Event[] = [];
  for (let after = 0; after < last.seq;) {
    const page = EventPage.parse(
      await (await call("GET", `/api/rooms/hostile/events?after=${after}&limit=500`)).json(),
    );
    log.push(...page.events);
    after = page.next;
  }
  expect(log.map(({ seq }) => seq)).toEqual(Array.from({ length: last.seq }, (_, n) => n + 1));
  for (const event of accepted) expect(log[event.seq - 1]?.type).toBe(event.type);
  const written = log.filter(
    ({ type }) => type.startsWith("message.") || type.startsWith("reaction."),
  );
  const seqs = new Set([...accepted.map(({ seq }) => seq), last.seq]);
  expect(written.map(({ seq }) => seq)).toEqual(
    written.map(({ seq }) => seq).filter((seq) => seqs.has(seq)),
  );
}, 60_000);

it("HTTP4, SOCK4: thousands of random frames break nothing, and each ack is an event", async () => {
  const people = await Promise.all(Array.from({ length: 40 }, (_, n) => signIn(`P${n}`)));
  const [ada] = people as [(typeof people)[0]];
  await makeRoom(ada, { slug: "frames" });
  await posted(ada, "frames", "first");
  const watcher = await follow(null, "frames", "?after=0");
  const op = fc.constantFrom("send", "edit", "delete", "react", "unreact", "typing", "read");
  const seq = fc.oneof(
    fc.integer({ min: 1, max: 60 }),
    fc.double(),
    fc.constantFrom(0, -1, 2 ** 53),
  );
  const text = fc.oneof(fc.string({ unit: "grapheme" }), nasty);
  const emoji = fc.constantFrom("👍", "❤", "🏳\u{200D}🌈", "a", "", "👍👍", "\u{200D}", "__proto__");
  const valid = fc.oneof(
    fc.record({ op: fc.constant("send"), text }),
    fc.record({ op: fc.constant("send"), text, replyTo: seq }),
    fc.record({ op: fc.constant("edit"), message: seq, text }),
    fc.record(
      { op: fc.constantFrom("delete", "read"), message: seq, seq },
      { requiredKeys: ["op"] },
    ),
    fc.record({ op: fc.constantFrom("react", "unreact"), message: seq, emoji }),
    fc.record({ op: fc.constant("typing") }),
  );
  const wild = fc.record(
    {
      op: fc.oneof(op, fc.string()),
      text: fc.anything(),
      message: fc.anything(),
      emoji: fc.anything(),
      seq: fc.anything(),
      more: fc.anything(),
    },
    { requiredKeys: [] },
  );
  const frame = fc.oneof(
    { weight: 5, arbitrary: valid },
    { weight: 2, arbitrary: wild },
    { weight: 1, arbitrary: fc.jsonValue() },
  );
  const garbage = fc.oneof(
    fc.string({ unit: "binary", maxLength: 50 }).map((given) => given.toWellFormed()),
    nasty,
  );
  const said = fc.array(
    fc.oneof({ weight: 20, arbitrary: frame }, { weight: 1, arbitrary: garbage }),
    {
      minLength: 75,
      maxLength: 75,
    },
  );
  const acked: { nonce: string; seq: number; sends: boolean }[] = [];
  let turn = 0;
  for (const frames of fc.sample(said, { numRuns: people.length, seed: 20_261_120 })) {
    const who = people[turn] as (typeof people)[0];
    turn += 1;
    const line = await follow(who, "frames");
    const sends = new Set<string>();
    for (const [index, one] of frames.entries()) {
      if (line.closed !== null) break;
      const nonce = `${turn}.${index}`;
      if (typeof one === "string") line.say(one);
      else if (typeof one === "object" && one !== null && !Array.isArray(one)) {
        let encoded: string;
        try {
          encoded = JSON.stringify({ ...one, nonce });
        } catch {
          continue;
        }
        if ("op" in one && one.op === "send") sends.add(nonce);
        line.say(encoded);
      } else line.say(JSON.stringify(one) ?? "null");
    }
    line.say({ op: "typing", nonce: "end" });
    const ended = await line.until(
      () =>
        line.closed ??
        line.frames.some((f) => f.op !== "hello" && "nonce" in f && f.nonce === "end"),
    );
    for (const answer of line.frames) {
      if (answer.op === "fail") expect(answer.problem.status).toBeLessThan(500);
      if (answer.op === "ack" && answer.nonce !== undefined)
        acked.push({ nonce: answer.nonce, seq: answer.seq, sends: sends.has(answer.nonce) });
    }
    if (ended === true) line.hangUp();
    else expect([1007, 4429]).toContain(ended.code);
  }
  const last = await posted(ada, "frames", "still here");
  const events = await watcher.eventsUpTo(last.seq);
  expect(events.map(({ seq: at }) => at)).toEqual(
    Array.from({ length: last.seq }, (_, n) => n + 1),
  );
  expect(acked.length).toBeGreaterThan(100);
  const created = events.filter(({ type }) => type === "message.created");
  // The first and the last message came over HTTP.
  expect(created).toHaveLength(acked.filter(({ sends }) => sends).length + 2);
  for (const { nonce, seq: at, sends } of acked) {
    if (!sends) continue;
    const event = events[at - 1];
    expect(event?.type).toBe("message.created");
    const { data } = event as { data: { nonce?: string; deleted?: boolean } };
    expect(data.deleted === true || data.nonce === nonce).toBe(true);
  }
  const page = await (await call("GET", "/api/rooms/frames/events?after=0&limit=500")).json();
  EventPage.parse(page);
  watcher.hangUp();
}, 60_000);
