import { describe, expect, it } from "vitest";
import { NewToken } from "../../src/protocol/index.ts";
import { Scope } from "../../src/protocol/tokens.ts";
import {
  LIFETIMES,
  SCOPES,
  slugsIn,
  type TokenDraft,
  tokenOf,
} from "../../src/web/account/rules.ts";

const DRAFT: TokenDraft = {
  name: " ci ",
  scopes: new Set(["read", "write"]),
  rooms: null,
  seconds: null,
  bot: null,
};

describe("the form for a token", () => {
  it("IN15: asks for what the server takes", () => {
    const bot = "u_adaaaaaaaaaaaaaa";
    for (const { seconds } of LIFETIMES) {
      const asked = tokenOf({ ...DRAFT, seconds, rooms: "tea, lobby", bot });
      expect(NewToken.parse(asked)).toEqual({
        name: "ci",
        scopes: ["read", "write"],
        rooms: ["tea", "lobby"],
        bot,
        ...(seconds === null ? {} : { expiresIn: seconds }),
      });
    }
    expect(tokenOf(DRAFT)).toEqual({ name: "ci", scopes: ["read", "write"] });
    expect(SCOPES).toEqual(Scope.options);
  });

  it("IN15: names each thing that is missing", () => {
    const asked = tokenOf({ ...DRAFT, name: "  ", scopes: new Set(), rooms: " , " });
    expect("wrong" in asked && Object.keys(asked.wrong)).toEqual(["name", "scopes", "rooms"]);
  });

  it("IN15: takes rooms as people write them", () => {
    expect(slugsIn(" tea, #lobby\nhttps://chat.example/rooms/ops/ /rooms/tea; lobby")).toEqual([
      "tea",
      "lobby",
      "ops",
    ]);
    expect(slugsIn("")).toEqual([]);
  });
});
