import * as fc from "fast-check";
import { expect, it } from "vitest";
import { checkHandle } from "../../src/accounts/handles/rules.ts";
import { handlesFor, nameOf, wishOf } from "../../src/accounts/oidc/rules.ts";
import { decodeAttempt, encodeAttempt } from "../../src/accounts/oidc/wire.ts";
import { readProvider } from "../../src/edge/rules.ts";

const said = { issuer: "https://id.example", subject: "1" };

it.each<[string, { username?: string; mail?: string; name?: string }]>([
  ["ada", { username: "Ada", mail: "al@example.org", name: "Ada Lovelace" }],
  ["ada", { username: "ada@corp.example" }],
  ["ada.lovelace", { mail: "Ada.Lovelace@example.org", name: "A" }],
  ["ada-chat", { mail: "ada+chat@example.org" }],
  ["ada-lovelace", { username: "42", mail: "7@example.org", name: "Ada  Lovelace!" }],
  ["пётр", { username: "Пётр" }],
  ["grace", { username: "admin", mail: "root@example.org", name: "Grace" }],
  ["newcomer", {}],
  ["newcomer", { username: "!!!", mail: "@", name: "😀" }],
  ["x".repeat(32), { username: "x".repeat(100) }],
])("OIDC2: the handle to ask for first is %s", (wish, claims) => {
  expect(wishOf({ ...said, ...claims })).toBe(wish);
});

it("OIDC2: whatever a provider says, there are handles and a name that can be", () => {
  const text = fc.option(fc.string({ unit: "binary", maxLength: 60 }), { nil: undefined });
  fc.assert(
    fc.property(text, text, text, (username, mail, name) => {
      const claims = { ...said, username, mail, name };
      const wish = wishOf(claims);
      for (const handle of handlesFor(wish, [0, 0.5, 0.9999])) {
        expect(checkHandle(handle)).toMatchObject({ ok: true });
      }
      expect(nameOf(claims, wish)).not.toBe("");
    }),
  );
});

it("OIDC5: what a browser carries comes back as it was, or not at all", () => {
  const attempt = {
    state: "s",
    nonce: "n",
    verifier: "v",
    to: "/rooms/lobby?a=%20;b#c",
    invite: "code",
    user: "u_0123456789abcdef",
    expiresAt: 1,
  };
  const cookie = encodeAttempt(attempt);
  expect(cookie).toMatch(/^[\x21\x23-\x2B\x2D-\x3A\x3C-\x5B\x5D-\x7E]+$/);
  expect(decodeAttempt(cookie)).toEqual(attempt);
  for (const bad of ["", "%", "%22%22", "{}", encodeURIComponent('{"state":1}')]) {
    expect(decodeAttempt(bad)).toBeNull();
  }
});

it("OIDC10: the provider is what all three variables name, by https, or http on this machine", () => {
  const provider = (OIDC_ISSUER: string, rest: object = {}) =>
    readProvider({ OIDC_ISSUER, OIDC_CLIENT_ID: "id", OIDC_CLIENT_SECRET: "secret", ...rest });
  expect(provider("https://id.example/realms/one")).toEqual({
    issuer: "https://id.example/realms/one",
    clientId: "id",
    clientSecret: "secret",
    name: "id.example",
    insecure: false,
  });
  for (const local of ["http://localhost:4000", "http://127.0.0.1:4000/", "http://[::1]:4000"]) {
    expect(provider(local)?.insecure).toBe(true);
  }
  for (const bad of [
    "",
    "id.example",
    "http://id.example",
    "http://localhost.evil.example",
    "http://127.evil.example",
    "https://a@b.example",
    "https://id.example?x",
    "javascript:alert(1)",
    "ftp://id.example",
  ])
    expect(provider(bad), bad).toBeNull();
  expect(provider("https://id.example", { OIDC_CLIENT_ID: "" })).toBeNull();
  expect(provider("https://id.example", { OIDC_CLIENT_SECRET: undefined })).toBeNull();
});
