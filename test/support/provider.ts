import { type KeyObject, generateKeyPairSync, sign } from "node:crypto";
import { once } from "node:events";
import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Provider } from "oidc-provider";

/** What the provider says instead of what is true: claims of the id token, and how it is signed. */
interface Lie {
  claims?: Record<string, unknown>;
  key?: KeyObject;
  algorithm?: "none";
}

export interface RunningProvider {
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** While it is there, every code is taken, and answered with it. */
  lie: Lie | null;
  /** Takes requests and never answers them with anything but a fault. */
  isBroken: boolean;
  stop(): Promise<void>;
}

const KEY = generateKeyPairSync("rsa", { modulusLength: 2048 });

const base64url = (value: unknown): string =>
  Buffer.from(JSON.stringify(value)).toString("base64url");

/** A real OpenID provider, which signs in everybody under whatever name they type. */
export async function startProvider(callback: string): Promise<RunningProvider> {
  const server = createServer((request, response) => void serve(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const [clientId, clientSecret] = ["backchannel", "a secret of the two: +/&="];
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: [callback],
        response_types: ["code"],
        grant_types: ["authorization_code"],
      },
    ],
    cookies: { keys: ["only for tests"] },
    jwks: { keys: [{ ...KEY.privateKey.export({ format: "jwk" }), kid: "one", use: "sig" }] },
    claims: { openid: ["sub"], email: ["email"], profile: ["name", "preferred_username"] },
    ttl: { AccessToken: 600, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
    findAccount: (_, sub) => ({
      accountId: sub,
      claims: () => ({
        sub,
        preferred_username: sub.split("#")[0],
        name: `${sub} of elsewhere`,
        email: `${sub}@example.org`,
      }),
    }),
  });
  const answer = provider.callback();

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (running.isBroken) return void response.writeHead(503).end("out of order");
    if (running.lie === null || !request.url?.startsWith("/token")) {
      return void answer(request, response);
    }
    request.resume();
    const { claims, key = KEY.privateKey, algorithm } = running.lie;
    const now = Math.floor(Date.now() / 1000);
    const body = { iss: issuer, aud: clientId, sub: "liar", iat: now, exp: now + 60, ...claims };
    const signed = `${base64url({ alg: algorithm ?? "RS256", kid: "one" })}.${base64url(body)}`;
    const signature =
      algorithm === "none" ? "" : sign("sha256", Buffer.from(signed), key).toString("base64url");
    response.writeHead(200, { "content-type": "application/json" }).end(
      JSON.stringify({
        access_token: "none",
        token_type: "Bearer",
        id_token: `${signed}.${signature}`,
      }),
    );
  }

  const running: RunningProvider = {
    issuer,
    clientId,
    clientSecret,
    lie: null,
    isBroken: false,
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
  return running;
}

/** A browser without a window or scripts: its cookies, by host, and one request after the other. */
export class Wanderer {
  readonly #jars = new Map<string, Map<string, string>>();

  jar(url: string): Map<string, string> {
    const { hostname } = new URL(url);
    const jar = this.#jars.get(hostname) ?? new Map<string, string>();
    this.#jars.set(hostname, jar);
    return jar;
  }

  async go(url: string, init: RequestInit = {}): Promise<Response> {
    const jar = this.jar(url);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = new Headers(init.headers);
    if (cookie !== "") headers.set("cookie", cookie);
    const response = await fetch(url, { ...init, headers, redirect: "manual" });
    for (const line of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === "" || /max-age=0|1970/i.test(line)) jar.delete(name);
      else jar.set(name, value);
    }
    return response;
  }

  /** Signs in at the provider, and stops where that sends it back: the callback, not yet asked. */
  async signInAt(address: string, login: string): Promise<string> {
    const { origin } = new URL(address);
    let url = address;
    for (let steps = 0; steps < 20; steps += 1) {
      const response = await this.go(url, { headers: { "sec-fetch-site": "cross-site" } });
      const location = response.headers.get("location");
      if (location !== null) {
        url = new URL(location, url).href;
        if (new URL(url).origin !== origin) return url;
        continue;
      }
      const page = await response.text();
      const [, action] = /<form[^>]* action="([^"]+)"/.exec(page) ?? [];
      if (action === undefined) throw new Error(`no form: ${response.status} ${page}`);
      const [, prompt = ""] = /name="prompt" value="(\w+)"/.exec(page) ?? [];
      const sent = await this.go(new URL(action, url).href, {
        method: "POST",
        body: new URLSearchParams({ prompt, login, password: "any" }),
      });
      url = new URL(sent.headers.get("location") ?? "", url).href;
      if (new URL(url).origin !== origin) return url;
    }
    throw new Error("It leads nowhere.");
  }
}
