import { describe, expect, it } from "vitest";
import {
  accountOf,
  type BackchannelOptions,
  ClosedError,
  createBackchannel,
  deploymentOf,
  moderationOf,
  NetworkError,
  ProblemError,
} from "../../src/client/index.ts";
import { type Operation, problemOf, ROUTES } from "../../src/protocol/index.ts";
import { DEPLOYMENT_ROUTES } from "../../src/protocol/routes/deployment.ts";
import { ME_ROUTES } from "../../src/protocol/routes/me.ts";
import { MODERATION_ROUTES } from "../../src/protocol/routes/moderation.ts";
import { SIGN_IN_ROUTES } from "../../src/protocol/routes/sign-in.ts";
import { settled } from "../support/client/clock.ts";
import { TestNetwork } from "../support/client/network.ts";
import { ADA, hello, lobby, messages } from "../support/client/people.ts";

function client(answer: TestNetwork["answer"]) {
  const net = new TestNetwork();
  net.answer = answer;
  return { net, backchannel: net.client(), asked: () => net.requests.at(-1) };
}

describe("requests", () => {
  it("SDK34: ask what the API names, and answer with what it answered", async () => {
    const { backchannel, net } = client((_, path) => ({
      status: 200,
      body: path === "/api/session" ? { user: ADA } : lobby(),
    }));
    expect(await backchannel.signIn("Ada")).toEqual(ADA);
    expect(await backchannel.me()).toEqual(ADA);
    await backchannel.rooms({ query: "tea & cake", limit: 5 });
    await backchannel.createRoom({ slug: "tea" });
    expect(await backchannel.room("lobby")).toEqual(lobby());
    await backchannel.changeRoom("lobby", { topic: "tea" });
    await backchannel.join("lobby");
    await backchannel.leave("lobby");
    await backchannel.members("lobby", { cursor: "c" });
    await backchannel.signOut();
    const feed = backchannel.follow("lobby");
    await feed.history({ before: 9, limit: 3, types: ["message.created", "room.changed"] });
    expect(net.requests.map(({ method, path, body }) => [method, path, body])).toEqual([
      ["POST", "/api/session", { name: "Ada" }],
      ["GET", "/api/session", undefined],
      ["GET", "/api/rooms?query=tea+%26+cake&limit=5", undefined],
      ["POST", "/api/rooms", { slug: "tea" }],
      ["GET", "/api/rooms/lobby", undefined],
      ["PATCH", "/api/rooms/lobby", { topic: "tea" }],
      ["POST", "/api/rooms/lobby/join", undefined],
      ["POST", "/api/rooms/lobby/leave", undefined],
      ["GET", "/api/rooms/lobby/members?cursor=c", undefined],
      ["DELETE", "/api/session", undefined],
      [
        "GET",
        "/api/rooms/lobby/events?before=9&limit=3&types=message.created%2Croom.changed",
        undefined,
      ],
    ]);
  });

  it("SDK34: so do accounts, the deployment and moderation", async () => {
    const { backchannel, net } = client((_, path) => ({
      status: 200,
      body: path.endsWith("options") ? { options: { challenge: "c" } } : { user: ADA },
    }));
    const account = accountOf(backchannel);
    const deployment = deploymentOf(backchannel);
    const order = moderationOf(backchannel, "tea");
    const credential = { id: "a", rawId: "a", type: "public-key", clientExtensionResults: {} };
    const made = { ...credential, response: { clientDataJSON: "c", attestationObject: "o" } };
    const shown = {
      ...credential,
      response: { clientDataJSON: "c", authenticatorData: "d", signature: "s" },
    };
    const asks: Record<string, () => Promise<unknown>> = {
      readDeployment: () => deployment.read(),
      changeDeployment: () => deployment.change({ guests: false }),
      ownDeployment: () => deployment.own("c"),
      createSignUpInvite: () => deployment.createInvite(),
      listSignUpInvites: () => deployment.invites(),
      deleteSignUpInvite: () => deployment.deleteInvite("i_1"),
      readInvitation: () => deployment.invitation("tea.1"),
      acceptInvitation: () => deployment.accept("tea.1"),
      listSessions: () => account.sessions(),
      endSessions: () => account.endSessions({ except: "current" }),
      endSession: () => account.endSession("s_1"),
      startSignUp: () => account.startSignUp({ handle: "ada" }),
      signUp: () =>
        account.signUp({ handle: "ada", credential: { ...made, type: "public-key" as const } }),
      startSignIn: () => account.startSignIn(),
      signIn: () => account.signIn({ ...shown, type: "public-key" as const }),
      signInByCode: () => account.signInByCode("c"),
      recover: () => account.recover("ada", "c"),
      startOidc: () => account.startOidc({ to: "/rooms/tea" }),
      readMe: () => account.profile(),
      changeMe: () => account.change({ name: "Ada L." }),
      deleteMe: () => account.delete("keep"),
      exportMe: () => account.export(),
      createRecoveryCode: () => account.createRecoveryCode(),
      createSignInCode: () => account.createSignInCode(),
      readUser: () => account.person("u_1"),
      listPasskeys: () => account.passkeys(),
      startPasskey: () => account.startPasskey(),
      addPasskey: () => account.addPasskey({ ...made, type: "public-key" as const }, "Phone"),
      renamePasskey: () => account.renamePasskey("p-1", "Key"),
      removePasskey: () => account.removePasskey("p-1"),
      createToken: () => account.createToken({ name: "ci", scopes: ["read"] }),
      listTokens: () => account.tokens(),
      deleteToken: () => account.deleteToken("t_1"),
      createBot: () => account.createBot({ handle: "bot" }),
      listBots: () => account.bots(),
      changeBot: () => account.changeBot("u_1", { name: "Bot" }),
      deleteBot: () => account.deleteBot("u_1", "remove"),
      deleteRoom: () => order.deleteRoom(),
      setRole: () => order.setRole("u_1", "moderator"),
      removeMember: () => order.removeMember("u_1"),
      listBans: () => order.bans(),
      ban: () => order.ban("u_1", { reason: "spam" }),
      unban: () => order.unban("u_1"),
      listMutes: () => order.mutes(),
      mute: () => order.mute("u_1"),
      unmute: () => order.unmute("u_1"),
      createInvite: () => order.createInvite({ uses: 1 }),
      listInvites: () => order.invites(),
      deleteInvite: () => order.deleteInvite("i_1"),
      readAudit: () => order.audit({ limit: 5 }),
    };
    const params = /:(slug|user|bot|passkey|session|token|invite|code)/g;
    const values: Record<string, string> = {
      slug: "tea",
      user: "u_1",
      bot: "u_1",
      passkey: "p-1",
      session: "s_1",
      token: "t_1",
      invite: "i_1",
      code: "tea.1",
    };
    for (const [operation, ask] of Object.entries(asks)) {
      await ask();
      const { method, path } = net.requests.at(-1)!;
      const route = ROUTES[operation as Operation];
      const named = route.path.replaceAll(params, (_, name: string) => values[name]!);
      expect([operation, method, path.split("?")[0]]).toEqual([operation, route.method, named]);
    }
    const elsewhere = ["readHealth", "finishOidc", "createSession", "readSession", "deleteSession"];
    const all = { ...DEPLOYMENT_ROUTES, ...ME_ROUTES, ...MODERATION_ROUTES, ...SIGN_IN_ROUTES };
    const ours = Object.keys(all).filter((name) => !elsewhere.includes(name));
    expect(ours.filter((name) => !(name in asks))).toEqual([]);
  });

  it("SDK36: signing in another way holds what is followed, and goes on under the new session", async () => {
    const net = new TestNetwork();
    const gate = Promise.withResolvers<void>();
    net.answer = () => ({ status: 200, body: { user: ADA } });
    const backchannel = net.client();
    const feed = backchannel.follow("lobby", { after: 0 });
    net.socket.open(hello());
    net.socket.receive({ op: "events", events: messages(1, 3) });
    const before = net.socket;
    const entering = backchannel.enter(async () => {
      await gate.promise;
      return { user: ADA };
    });
    // The server ends what the session before holds open, and nobody hears it.
    before.drop(4401);
    await net.clock.advance(60_000);
    expect(feed.state.is).toBe("connecting");
    expect(net.socket).toBe(before);
    gate.resolve();
    await entering;
    expect(net.socket).not.toBe(before);
    expect(net.socket.url.searchParams.get("after")).toBe("3");
    net.socket.open(hello({ head: 3 }));
    expect(feed.state.is).toBe("live");
  });

  it("SDK36: a refused sign-in goes on as before", async () => {
    const net = new TestNetwork();
    net.answer = (_, path) =>
      path.endsWith("/code") ? problemOf({ code: "unauthenticated", detail: "no" }) : null;
    const backchannel = net.client();
    const feed = backchannel.follow("lobby");
    net.socket.open(hello());
    await expect(accountOf(backchannel).signInByCode("c")).rejects.toThrow(ProblemError);
    net.socket.open(hello());
    expect(feed.state.is).toBe("live");
  });

  it("SDK34: nobody signed in is null, not an error", async () => {
    const { backchannel } = client(() => problemOf({ code: "unauthenticated", detail: "no" }));
    expect(await backchannel.me()).toBeNull();
  });

  it("SDK24: a refusal is a ProblemError with the server's problem", async () => {
    const problem = problemOf({ code: "slug-taken", detail: "lobby exists" });
    const { backchannel } = client(() => problem);
    const error = await backchannel.createRoom({ slug: "lobby" }).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(ProblemError);
    expect(error).toMatchObject({ name: "ProblemError", code: "slug-taken", problem });
  });

  it("SDK24: an error that is no problem of ours is one with its status", async () => {
    const headers = { "retry-after": "9" };
    const { backchannel } = client(() => ({ status: 502, body: "Bad Gateway", headers }));
    await expect(backchannel.room("lobby")).rejects.toMatchObject({
      code: "internal",
      problem: { status: 502, retryAfter: 9 },
    });
  });

  it("SDK24: a network that fails is a NetworkError with its cause", async () => {
    const { backchannel } = client(() => null);
    const error = await backchannel.room("lobby").catch((error: unknown) => error);
    expect(error).toBeInstanceOf(NetworkError);
    expect(error).toMatchObject({ cause: { message: "fetch failed" } });
  });

  it("SDK24: an answer that is not JSON did not come from the server", async () => {
    const fetch = async () => new Response("<html>sign in to the hotel's network</html>");
    const backchannel = createBackchannel({ url: "https://chat.example", fetch });
    await expect(backchannel.room("lobby")).rejects.toThrow(NetworkError);
  });

  it("SDK24: an address that cannot be one is a TypeError at once", () => {
    expect(() => createBackchannel()).toThrow(TypeError);
    expect(() => createBackchannel({ url: "chat.example" })).toThrow(TypeError);
    expect(() => createBackchannel({ url: "ftp://chat.example" })).toThrow(TypeError);
  });

  it("SDK24: what no header can carry is a TypeError at once, which does not tell it", () => {
    const url = "https://chat.example";
    const cases: BackchannelOptions[] = [
      { token: "secret\nsecret" },
      { token: "secret→" },
      { headers: { "x-team": "secret\r\nsecret" } },
      { headers: { "no name": "secret" } },
    ];
    for (const options of cases) {
      const create = () => createBackchannel({ url, ...options });
      expect(create).toThrow(TypeError);
      expect(create).not.toThrow(/secret/);
    }
  });

  it("SDK34: a proxy's 401 does not say that nobody is signed in", async () => {
    const { backchannel } = client(() => ({ status: 401, body: "<h1>Who are you?</h1>" }));
    await expect(backchannel.me()).rejects.toThrow(ProblemError);
  });
});

describe("a program", () => {
  it("SDK25: keeps its session's cookie, and sends it with its Origin on sockets too", async () => {
    const { backchannel, net, asked } = client((method) => ({
      status: 200,
      body: { user: ADA },
      headers: {
        "set-cookie":
          method === "DELETE"
            ? "__Host-session=; Max-Age=0; Path=/"
            : "__Host-session=a.b=c; HttpOnly; Secure; SameSite=Lax; Path=/",
      },
    }));
    await backchannel.signIn("Ada");
    expect(asked()?.headers.get("cookie")).toBeNull();
    await backchannel.me();
    expect(asked()?.headers.get("cookie")).toBe("__Host-session=a.b=c");
    backchannel.follow("lobby");
    expect(net.socket.options).toEqual({
      protocols: ["backchannel.v1"],
      headers: { cookie: "__Host-session=a.b=c", origin: "https://chat.example" },
    });
    expect(net.socket.url.href).toBe("wss://chat.example/api/rooms/lobby/socket?last=50");
    await backchannel.signOut();
    await backchannel.room("lobby");
    expect(asked()?.headers.get("cookie")).toBeNull();
  });

  it("SDK25: sends its token and the headers it was given", async () => {
    const net = new TestNetwork();
    net.answer = () => ({ status: 200, body: lobby() });
    const backchannel = net.client({ token: "bct_1\n", headers: { "X-Team": "tea" } });
    await backchannel.room("lobby");
    const sent = Object.fromEntries(net.requests[0]?.headers ?? []);
    expect(sent).toMatchObject({ authorization: "Bearer bct_1", "x-team": "tea" });
    backchannel.follow("lobby");
    expect(net.socket.options).toMatchObject({
      headers: { authorization: "Bearer bct_1", "x-team": "tea" },
    });
  });

  it("SDK27: closing gives up what is being asked, so that a program can end", async () => {
    const asked: AbortSignal[] = [];
    const net = new TestNetwork();
    const client = net.client({
      fetch: (_, { signal } = {}) => {
        asked.push(signal!);
        return new Promise((_, reject) => {
          signal!.addEventListener("abort", () => reject(new DOMException("", "AbortError")));
        });
      },
    });
    const feed = client.follow("lobby", { after: 0 });
    net.socket.open(hello());
    net.socket.receive({ op: "events", events: messages(1, 3) });
    const next = feed[Symbol.asyncIterator]().next();
    const older = feed.history({ before: 1 }).catch((error: unknown) => error);
    net.socket.drop();
    await net.clock.advance(250);
    net.socket.drop();
    await settled();
    expect(asked).toHaveLength(3);
    feed.close();
    expect(asked.map(({ aborted }) => aborted)).toEqual([true, true, true]);
    expect(await older).toBeInstanceOf(ClosedError);
    expect(await next).toMatchObject({ done: true });
    expect(await net.clock.advanceToNext()).toBe(false);
  });
});
