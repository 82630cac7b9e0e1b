import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { respond } from "../../src/edge/router.ts";
import { ORIGIN, SLEEPS, call, makeRoom, posted, signIn } from "../support/worker.ts";

const textOf = async (path: string, cookie?: string) =>
  (await call("GET", path, cookie === undefined ? {} : { cookie })).text();

/** What stands between the tags, entities read, the way a browser would show it. */
const shown = (html: string): string =>
  html
    .replaceAll(/<[^>]*>/g, "")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");

const articles = (html: string): string[] =>
  [...html.matchAll(/<article[\s\S]*?<\/article>/g)].map(([article]) => article);
/** The drawn texts, without the template that a frame has at its end. */
const texts = (html: string): string[] =>
  [
    ...html
      .replace(/<template>[\s\S]*<\/template>/, "")
      .matchAll(/<div class="text[^"]*" dir="auto">([\s\S]*?)<\/div>/g),
  ].map(([, text]) => text!.trim());
const written = (html: string): string[] => texts(html).map((text) => shown(text).trim());
const seqs = (html: string): number[] =>
  [...html.matchAll(/<article\s+id="m(\d+)"/g)].map(([, seq]) => Number(seq));

/** All that an answer says, to be compared with another's. */
const whole = async (response: Response) => ({
  status: response.status,
  headers: Object.fromEntries(response.headers),
  body: await response.text(),
});

const change = (path: string, cookie: string, body: unknown) =>
  call("PATCH", path, { cookie, body });

describe("the page of a room", () => {
  it.each(SLEEPS)(
    "READ1: shows the newest messages as they read now, to whoever asks, %s",
    async (_, sleep) => {
      const ada = await signIn("Ada");
      const bob = await signIn("Bob");
      await makeRoom(ada, { slug: "garden", title: "The Garden", topic: "Seeds & soil" });
      const first = await posted(ada, "garden", "Which soil?\n\n  Loam,  I think");
      const second = await posted(bob, "garden", "half compots", { replyTo: first.seq });
      const third = await posted(bob, "garden", "to be taken back");
      await posted(ada, "garden", "what was that?", { replyTo: third.seq });
      await sleep();
      await change(`/api/rooms/garden/messages/${second.seq}`, bob.cookie, { text: "half compot" });
      await change(`/api/rooms/garden/messages/${second.seq}`, bob.cookie, {
        text: "half compost",
      });
      await call("DELETE", `/api/rooms/garden/messages/${third.seq}`, { cookie: bob.cookie });
      await sleep();

      const response = await call("GET", "/rooms/garden");
      expect(response.status).toBe(200);
      expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
      const html = await response.text();
      expect(html).toMatch(/<h1><bdi>The Garden<\/bdi><\/h1>/);
      expect(html).toContain("<bdi>Seeds &amp; soil</bdi>");
      const found = articles(html);
      expect(found).toHaveLength(4);
      expect(written(html)).toEqual([
        "Which soil?\n  Loam,  I think",
        "half compost",
        "what was that?",
      ]);
      expect(found[0]).toContain('<bdi class="name">Ada</bdi>');
      expect(found[0]).toContain(`datetime="${first.at}"`);
      expect(shown(found[1]!)).toMatch(/In reply to Ada\s*Which soil\? Loam, I think/);
      expect(found[1]).toMatch(/class="text edited"/);
      expect(shown(found[2]!)).toContain("This message was deleted.");
      expect(shown(found[3]!)).toMatch(/In reply to Bob\s*a deleted message/);
      for (const gone of ["compots", "taken back"]) expect(html).not.toContain(gone);
      expect(html).not.toContain("Opening…");
    },
  );

  it("READ2: what people wrote holds no HTML, whatever is in it", async () => {
    const hostile = `</script></title></noscript><script>alert(1)</script><img src=x onerror="alert(2)"> '"&x \u{202E}turned \u{0} 👩‍👩‍👧‍👧 --> ]]>`;
    const name = `<b onclick=x>"'&`;
    const ada = await signIn(name);
    const title = `</title><script>1</script>"'&`;
    await makeRoom(ada, { slug: "hostile", title, topic: `"><meta http-equiv=refresh> 'x' ☂` });
    await posted(ada, "hostile", hostile);
    await posted(
      ada,
      "hostile",
      'javascript:alert(1) data:text/html,x http://a.example/"onclick="x https://b.example/?a=1&b=<i> (mailto:c@d.example).',
    );
    for (const path of ["/rooms/hostile", "/rooms/hostile/embed"]) {
      const html = await textOf(path);
      expect(written(html)[0]).toBe(hostile);
      expect(html).not.toMatch(/<script>|<img|<b onclick|<meta http-equiv=refresh/i);
      expect(html.match(/<\/title>/g)).toHaveLength(1);
      expect(shown(/<title>([^<]*)<\/title>/.exec(html)![1]!)).toBe(`${title} · Backchannel`);
      expect(shown(html)).toContain(name);
      const links = [...html.matchAll(/<a href="([^"]*)" rel="([^"]*)"/g)].filter(
        ([, , rel]) => rel !== "prev",
      );
      expect(links.map(([, href]) => shown(href!))).toEqual([
        'http://a.example/"onclick="x',
        "https://b.example/?a=1&b=",
        "mailto:c@d.example",
      ]);
      for (const [, , rel] of links) expect(rel).toBe("noopener noreferrer nofollow ugc");
    }
  });

  it("READ19: texts are drawn as the app draws them, in the page and in frames alike", async () => {
    const ada = await signIn("Ada");
    await makeRoom(ada, { slug: "marked" });
    const list = "- **one**\n- `two`\n\n```js\na < b\n```";
    const { seq } = await posted(ada, "marked", list);
    await posted(ada, "marked", "> ".repeat(40));
    const drawn = `<ul>
<li><strong>one</strong></li>
<li><code>two</code></li>
</ul>
<pre tabindex="0" aria-label="Code, js"><code>a &lt; b</code></pre>`;
    for (const path of ["/rooms/marked", "/rooms/marked/embed"]) {
      // Twice: what is kept is what was drawn.
      for (const html of [await textOf(path), await textOf(path)])
        expect(texts(html)).toEqual([drawn, `<p>${"&gt; ".repeat(40)}</p>`]);
    }
    await change(`/api/rooms/marked/messages/${seq}`, ada.cookie, { text: "_mended_" });
    expect(texts(await textOf("/rooms/marked"))[0]).toBe("<p><em>mended</em></p>");
  });

  it("READ20: a page of long texts draws the newest and shows the others as they are", async () => {
    const ada = await signIn("Ada");
    await makeRoom(ada, { slug: "lengthy" });
    for (let index = 0; index < 6; index++)
      await posted(ada, "lengthy", `**${index}** ${"x".repeat(7000)}`);
    for (const path of ["/rooms/lengthy", "/rooms/lengthy/embed"]) {
      const begins = texts(await textOf(path)).map((text) => text.slice(0, 11));
      expect(begins).toEqual([
        ...[0, 1, 2, 3].map((index) => `<p>**${index}** xx`),
        ...[4, 5].map((index) => `<p><strong>${index}`.slice(0, 11)),
      ]);
    }
  });

  it("READ3: its head says what it is and where the log is", async () => {
    const ada = await signIn("Ada");
    await makeRoom(ada, { slug: "garden", title: "The Garden", topic: 'Seeds "and" soil' });
    const html = await textOf("/rooms/garden");
    const head = html.slice(0, html.indexOf("</head>")).replaceAll(/\s+/g, " ");
    expect(head).toContain("<title>The Garden · Backchannel</title>");
    expect(head.match(/name="description"/g)).toHaveLength(1);
    for (const named of [
      'name="description" content="Seeds &quot;and&quot; soil"',
      `rel="canonical" href="${ORIGIN}/rooms/garden"`,
      `rel="alternate" type="application/json" href="${ORIGIN}/api/rooms/garden/events"`,
      `rel="alternate" type="text/event-stream" href="${ORIGIN}/api/rooms/garden/stream"`,
      'property="og:title" content="The Garden · Backchannel"',
      'property="og:type" content="website"',
      `property="og:url" content="${ORIGIN}/rooms/garden"`,
      'name="twitter:card" content="summary"',
    ])
      expect(head).toContain(named);
    for (const [, type, href] of head.matchAll(/rel="alternate" type="([^"]+)" href="([^"]+)"/g)) {
      const led = await call("GET", new URL(href!).pathname);
      expect(led.headers.get("content-type")).toContain(type);
      await led.body?.cancel();
    }
  });

  it("READ4: older messages are a page of their own, with what was done to them since", async () => {
    const ada = await signIn("Ada");
    await makeRoom(ada, { slug: "long" });
    const people = [ada];
    for (const name of ["Bob", "Eve", "Kim", "Zoe"]) people.push(await signIn(name));
    const all: number[] = [];
    // The first ones are Ada's; nobody writes more than comes through at once.
    for (let index = 0; index < 70; index++) {
      const who = people[Math.floor(index / 15)]!;
      all.push((await posted(who, "long", `number ${index}`)).seq);
    }
    await change(`/api/rooms/long/messages/${all[3]}`, ada.cookie, { text: "mended later" });
    await call("DELETE", `/api/rooms/long/messages/${all[4]}`, { cookie: ada.cookie });

    const newest = await textOf("/rooms/long");
    expect(seqs(newest)).toEqual(all.slice(-50));
    const older = /href="(\/rooms\/long\?before=\d+)" rel="prev"/.exec(newest)![1]!;
    expect(older).toBe(`/rooms/long?before=${all[20]}`);
    const page = await textOf(older);
    expect(seqs(page)).toEqual(all.slice(0, 20));
    expect(written(page)[3]).toBe("mended later");
    expect(page).not.toContain("number 4<");
    expect(page).not.toContain('rel="prev"');
    expect(page).toContain("This is where it begins.");
    expect(page).toContain(`rel="canonical" href="${ORIGIN}/rooms/long"`);
    expect(page).toContain('<meta name="robots" content="noindex, follow" />');

    const { head } = await (await call("GET", "/api/rooms/long")).json<{ head: number }>();
    const beyond = [String(head + 1), "999999999999999", "9".repeat(30)];
    const nothingThere = ["1", String(all[0])];
    const noSeqs = ["", "0", "-1", "1.5", "1e3", "abc", "%00", " 7", "<b>"];
    for (const junk of [...beyond, ...nothingThere, ...noSeqs]) {
      const html = await textOf(`/rooms/long?before=${encodeURIComponent(junk)}`);
      expect([junk, seqs(html)]).toEqual([junk, all.slice(-50)]);
      expect(html).toContain(`rel="canonical" href="${ORIGIN}/rooms/long"`);
      expect(html).not.toContain('name="robots"');
      expect(html).toContain('data-part="newest"');
    }
  });

  it.each(["/rooms/garden", "/rooms/garden?before=5", "/rooms/garden/embed"])(
    "READ5: who has %s is told so, until anything has changed",
    async (path) => {
      const ada = await signIn("Ada");
      await makeRoom(ada, { slug: "garden" });
      const { seq } = await posted(ada, "garden", "one");
      const page = await call("GET", path);
      const etag = page.headers.get("etag")!;
      expect(etag).toMatch(/^"[\x21-\x7e]+"$/);
      expect(page.headers.get("cache-control")).toBe("no-cache");
      const again = (tag: string) => call("GET", path, { headers: { "if-none-match": tag } });
      for (const tag of [etag, `W/${etag}`, `"x", ${etag}`]) {
        const same = await again(tag);
        expect([same.status, await same.text()]).toEqual([304, ""]);
        expect(same.headers.get("etag")).toBe(etag);
        for (const name of ["content-security-policy", "cache-control", "x-frame-options"])
          expect(same.headers.get(name)).toBe(page.headers.get(name));
      }
      // Another build's page is another page, though the room is as it was.
      expect((await again(etag.replace(/"[^.]*/, '"other'))).status).toBe(200);
      await call("DELETE", `/api/rooms/garden/messages/${seq}`, { cookie: ada.cookie });
      const changed = await again(etag);
      expect(changed.status).toBe(200);
      expect(changed.headers.get("etag")).not.toBe(etag);
    },
  );

  it("READ6: a private room and a missing one are the same page, whoever asks", async () => {
    const ada = await signIn("Ada");
    const secret = { slug: "secret", title: "Hidden title", topic: "Hidden topic" };
    await makeRoom(ada, { ...secret, visibility: "private" });
    await posted(ada, "secret", "hidden text");
    for (const rest of ["", "/", "?before=2", "/embed", "/embed?theme=dark"]) {
      const missing = await whole(await call("GET", `/rooms/no-such-room${rest}`));
      expect(missing.status).toBe(rest.startsWith("/embed") ? 404 : 200);
      expect(missing.body).not.toMatch(/canonical|alternate|og:|no-such-room/);
      for (const asked of [{}, { cookie: ada.cookie }, { headers: { "if-none-match": "*" } }]) {
        expect(await whole(await call("GET", `/rooms/secret${rest}`, asked))).toEqual(missing);
      }
      expect(missing.body).toContain('content="noindex"');
    }
    // The app is in it, so that who may read the room can.
    expect(await textOf("/rooms/no-such-room")).toContain('id="app"');
  });

  it("READ7: is the same for who is signed in and who is not", async () => {
    const ada = await signIn("Ada");
    await posted(ada, "lobby", "hello");
    for (const path of ["/rooms/lobby", "/rooms/lobby/embed"]) {
      const nobody = await whole(await call("GET", path));
      const somebody = await whole(await call("GET", path, { cookie: ada.cookie }));
      expect(somebody).toEqual(nobody);
      const foreign = { origin: "https://evil.example", "sec-fetch-site": "cross-site" };
      const asked = await call("GET", path, { cookie: ada.cookie, headers: foreign });
      expect(asked.status).toBe(200);
      expect(await asked.text()).toBe(nobody.body);
    }
  });

  it("READ8: odd addresses are pages or a 404 in words, HEAD and other methods are as everywhere", async () => {
    for (const path of ["/rooms/lobby/", "/rooms/lobby/embed/", "/rooms/lobby?x=%ff&before"]) {
      expect([path, (await call("GET", path)).status]).toEqual([path, 200]);
    }
    for (const path of [
      "/rooms/Lobby",
      "/rooms/l%6fbby",
      "/rooms/lob%00by",
      "/rooms/%F0%9F%92%A9",
      "/rooms/-lobby",
      `/rooms/${"a".repeat(64)}`,
      "/rooms/lobby//",
      "/rooms/lobby/embed/x",
      "/rooms//embed",
      "/rooms/lobby/..%2f",
      "/embed",
      "/embed.html",
      "/embed/",
    ]) {
      const none = await call("GET", path);
      expect([path, none.status]).toEqual([path, 404]);
      expect(none.headers.get("content-type")).toContain("text/html");
    }
    for (const path of ["/rooms/lobby", "/rooms/none", "/rooms/lobby/embed", "/rooms/none/embed"]) {
      const get = await call("GET", path);
      const head = await call("HEAD", path);
      expect([...head.headers]).toEqual([...get.headers]);
      expect([head.status, await head.text()]).toEqual([get.status, ""]);
      const refused = await call("POST", path);
      expect([refused.status, refused.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    }
  });
});

it("READ16: a room that does not answer leaves the app, which can wait for it", async () => {
  const logged = vi.spyOn(console, "error").mockImplementation(() => {});
  try {
    const ROOMS = {
      getByName: () => ({ front: () => Promise.reject(new Error("broken inside")) }),
    } as unknown as Env["ROOMS"];
    const request = new Request(new URL("/rooms/lobby", ORIGIN));
    const response = await respond(request, { ...env, ROOMS });
    expect(response.status).toBe(200);
    expect(response.headers.get("etag")).toBeNull();
    const html = await response.text();
    expect(html).toContain('id="app"');
    expect(html).not.toContain("noindex");
    expect(JSON.stringify(logged.mock.calls)).toContain("broken inside");
  } finally {
    logged.mockRestore();
  }
});

describe("the view for frames", () => {
  const framed = async (EMBED_ORIGINS: string | undefined, path = "/rooms/lobby/embed") => {
    const response = await respond(new Request(new URL(path, ORIGIN)), {
      ...env,
      EMBED_ORIGINS,
    });
    const policy = response.headers.get("content-security-policy") ?? "";
    const directives = new Map(
      policy.split("; ").map((each) => {
        const [name = "", ...values] = each.split(" ");
        return [name, values.join(" ")] as const;
      }),
    );
    return { response, directives };
  };

  it("READ9: may be framed by the origins that EMBED_ORIGINS names, and by nobody else", async () => {
    for (const [given, named] of [
      [undefined, "'none'"],
      ["", "'none'"],
      ["*", "*"],
      ["https://a.example, http://localhost:9000/", "https://a.example http://localhost:9000"],
      ["https://*.a.example", "https://*.a.example"],
      ["https://a.example; script-src *", "'none'"],
      ["a.example,javascript:x,'self',https://b.example", "https://b.example"],
    ] as const) {
      const { response, directives } = await framed(given);
      expect([given, directives.get("frame-ancestors")]).toEqual([given, named]);
      expect(response.headers.get("x-frame-options")).toBeNull();
    }
    const page = await framed("*", "/rooms/lobby");
    expect(page.directives.get("frame-ancestors")).toBe("'none'");
    expect(page.response.headers.get("x-frame-options")).toBe("DENY");
  });

  it("READ10: runs in an origin of its own, under a policy that allows no script but its file", async () => {
    const { response, directives } = await framed("*");
    expect(directives.get("sandbox")).toBe(
      "allow-scripts allow-popups allow-popups-to-escape-sandbox",
    );
    expect(directives.get("default-src")).toBe("'none'");
    expect(directives.get("script-src")).toBe(ORIGIN);
    expect(directives.get("connect-src")).toBe(`${ORIGIN} wss://chat.example`);
    expect(directives.get("require-trusted-types-for")).toBe("'script'");
    expect(directives.get("trusted-types")).toBe("markdown");
    expect([...directives.values()].join(" ")).not.toContain("unsafe");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(response.headers.get("set-cookie")).toBeNull();
    const html = await response.text();
    expect(html).not.toMatch(/<script(?![^>]* src=)|<style|style="|\son\w+="/);
    for (const [given, theme] of [
      ["dark", ' data-theme="dark"'],
      ["light", ' data-theme="light"'],
      ['"><b>', ""],
    ] as const) {
      const themed = await framed("*", `/rooms/lobby/embed?theme=${encodeURIComponent(given)}`);
      expect(await themed.response.text()).toContain(`<html lang="en"${theme}>`);
    }
  });
});
