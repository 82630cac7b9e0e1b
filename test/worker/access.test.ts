import { describe, expect, it } from "vitest";
import { type Operation, ROUTES } from "../../src/protocol/index.ts";
import { ACCOUNT_ROWS, ROOM_ROWS } from "../support/access/rows.ts";
import { call } from "../support/worker.ts";
import { KINDS, ask, makePlace, makeWorld } from "../support/access/world.ts";

const answersOf = (row: string): number[] => row.split(/[ |]+/).map(Number);

const tabled = { ...ROOM_ROWS, ...ACCOUNT_ROWS };

describe("who may do what", () => {
  it("MAY1: every operation has a row, each row an answer for every kind of caller", () => {
    expect(Object.keys(tabled).toSorted()).toEqual(Object.keys(ROUTES).toSorted());
    for (const row of Object.values(ROOM_ROWS)) {
      expect(answersOf(row.public)).toHaveLength(KINDS.length);
      expect(answersOf(row.private)).toHaveLength(KINDS.length);
    }
    for (const row of Object.values(ACCOUNT_ROWS)) {
      expect(answersOf(row.answers)).toHaveLength(KINDS.length);
    }
  });

  for (const [operation, row] of Object.entries(ROOM_ROWS)) {
    for (const visibility of ["public", "private"] as const) {
      it(`MAY2: in a ${visibility} room ${operation} is answered to each kind of caller as the table says`, async () => {
        const world = await makeWorld();
        const answers: Record<string, number> = {};
        const changes = ROUTES[operation as Operation].method !== "GET";
        let place = await makePlace(world, visibility);
        for (const kind of KINDS) {
          answers[kind] = await ask(world, place, kind, operation as Operation, row);
          // What one caller did, the next one must not find done.
          if (changes) place = await makePlace(world, visibility);
        }
        const wanted = answersOf(row[visibility]);
        expect(answers).toEqual(Object.fromEntries(KINDS.map((kind, at) => [kind, wanted[at]])));
      });
    }
  }

  it("MAY4: to whoever is not in it a private room answers everything as a missing one does", async () => {
    const world = await makeWorld();
    const { slug } = await makePlace(world, "private");
    const { guest, outsider, banned } = world.people;
    for (const who of [undefined, guest, outsider, banned]) {
      const as = who === undefined ? {} : { cookie: who.cookie };
      for (const [operation, row] of Object.entries(ROOM_ROWS)) {
        const { method, path } = ROUTES[operation as Operation];
        if (!path.includes(":slug")) continue;
        const tell = async (room: string) => {
          const { body, headers = {} } = row;
          const asked = path
            .replace(":slug", room)
            .replace(":user", world.author.user.id)
            .replace(":seq", "3")
            .replace(":emoji", "%F0%9F%91%8D")
            .replace(":invite", "i_0123456789abcdef");
          const answer = await call(method, asked, {
            ...as,
            ...(body === undefined ? {} : { body }),
            headers,
          });
          return [answer.status, [...answer.headers], await answer.text()];
        };
        expect(await tell(slug), operation).toEqual(await tell("no-such-room"));
      }
      for (const page of ["", "?before=3", "/embed", "/feed.atom"]) {
        const tell = async (room: string) => {
          const answer = await call("GET", `/rooms/${room}${page}`, as);
          return [answer.status, [...answer.headers], await answer.text()];
        };
        expect(await tell(slug), page).toEqual(await tell("no-such-room"));
      }
    }
  });

  for (const [operation, row] of Object.entries(ACCOUNT_ROWS)) {
    it(`MAY3: ${operation} is answered to each kind of caller as the table says`, async () => {
      const world = await makeWorld();
      const answers: Record<string, number> = {};
      // Tokens first: they end with their owner's account.
      for (const kind of KINDS.toReversed()) {
        answers[kind] = await ask(world, null, kind, operation as Operation, row);
      }
      const wanted = answersOf(row.answers);
      expect(answers).toEqual(Object.fromEntries(KINDS.map((kind, at) => [kind, wanted[at]])));
    });
  }
});
