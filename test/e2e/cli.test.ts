import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { answer, standBetween } from "../support/between.ts";
import { buildCli, Cli, cli } from "../support/cli.ts";
import { problemOf } from "../../src/protocol/index.ts";
import { type Caller, meet, readLog } from "../support/people.ts";
import { freePort } from "../support/ports.ts";
import { type RunningServer, startServer } from "../support/server.ts";

let server: RunningServer;
let ada: Caller;
let lobby: string;
beforeAll(async () => {
  buildCli();
  server = await startServer();
  ada = await meet(server.url, "Ada");
  lobby = `${server.url}/rooms/lobby`;
});
afterAll(() => server.stop());

const roomOf = async (slug: string) => {
  await ada.client.createRoom({ slug });
  return { address: `${server.url}/rooms/${slug}`, feed: ada.client.follow(slug, { last: 0 }) };
};
const parse = (lines: string[]): unknown[] => lines.map((line) => JSON.parse(line) as unknown);

it("CLI11: send prints the seq of what is in the log then", async () => {
  const plain = await cli(["send", lobby, "two", "words", "--name", "Eve"]);
  expect(plain).toMatchObject({ code: 0, err: "" });
  const json = await cli(["send", lobby, "--json", "--name", "Eve"], { input: "a\nb\n" });
  const { seq, nonce } = JSON.parse(json.out) as { seq: number; nonce: string };
  const log = await readLog(server.url, "lobby");
  expect(log[Number(plain.out) - 1]).toMatchObject({ data: { text: "two words" } });
  expect(log[seq - 1]).toMatchObject({ data: { text: "a\nb", nonce }, actor: { name: "Eve" } });
});

it("CLI6: each line is a message", async () => {
  const { out, code } = await cli(["send", lobby, "--lines"], { input: "x\n\ny\nz" });
  const log = await readLog(server.url, "lobby");
  const texts = out
    .trim()
    .split("\n")
    .map((seq) => log[Number(seq) - 1]?.data);
  expect(texts).toMatchObject([{ text: "x" }, { text: "y" }, { text: "z" }]);
  expect(code).toBe(0);
});

it("CLI6: a line that cannot be sent is said, and the others go on", async () => {
  const { address, feed } = await roomOf("lines");
  const lines = ["one", Buffer.from([0x61, 0xff]), "x".repeat(8001), "y".repeat(100_000), "two"];
  const input = Buffer.concat(lines.flatMap((line) => [Buffer.from(line), Buffer.from("\n")]));
  const { code, out, err } = await cli(["send", address, "--lines"], { input });
  expect({ code, count: out.trim().split("\n").length }).toEqual({ code: 1, count: 2 });
  expect(err).toMatch(/line 2 .*UTF-8\n[^]*line 3 .*\n[^]*line 4 .*[^]*3 lines were not sent/);
  const log = await readLog(server.url, "lines");
  const texts = log.flatMap(({ type, data }) => (type === "message.created" ? [data] : []));
  expect(texts).toMatchObject([{ text: "one" }, { text: "two" }]);
  feed.close();

  // What is wrong with the call, and not with a line, ends it at the first.
  const all = await cli(["send", address, "--lines", "--reply-to", "9999"], { input: "a\nb\n" });
  expect(all).toMatchObject({ code: 1, out: "" });
  expect(all.err.match(/replyTo/g)).toHaveLength(1);
  expect(all.err).toMatch(/line 1 was not sent\nnothing after it/);
  const none = await cli(["send", lobby, "--lines"], { input: Buffer.from([0xff]) });
  expect(none).toMatchObject({ code: 2, out: "" });
  expect(none.err).toMatch(/line 1 .*UTF-8/);
});

it("CLI7, CLI15: a tail prints the log exactly while the server is killed under it", async () => {
  const { address, feed } = await roomOf("killed");
  const tail = new Cli(["tail", address, "--after", "0", "--json"]);
  const hushed = new Cli(["tail", address, "--after", "0", "--json", "--quiet"]);
  for (let round = 0; round < 3; round++) {
    for (let n = 0; n < 5; n++) await feed.send(`before ${round}.${n}`);
    // It is killed under them, not before they have come.
    const { seq } = await feed.send(`heard ${round}`);
    for (const one of [tail, hushed]) await one.until(() => one.lines.length >= seq);
    const sent = Array.from({ length: 5 }, (_, n) => feed.send(`across ${round}.${n}`));
    await server.restart();
    await Promise.all(sent);
  }
  const log = await readLog(server.url, "killed");
  await tail.until(() => tail.lines.length >= log.length);
  await hushed.until(() => hushed.lines.length >= log.length);
  expect(parse(tail.lines)).toEqual(log);
  expect(parse(hushed.lines)).toEqual(log);
  for (const one of [tail, hushed]) one.child.kill("SIGTERM");
  expect([await tail.ended(), await hushed.ended()]).toEqual([143, 143]);
  expect(tail.err).toMatch(/connected to killed[^]*connection lost[^]*connected to killed/);
  expect(hushed.err).toBe("");
  feed.close();
});

it("CLI8: a tail begins where it is asked to, and ends where it is asked to", async () => {
  const { address, feed } = await roomOf("begins");
  for (let n = 1; n <= 12; n++) await feed.send(`m${n}`);
  await feed.react(2, "👍");
  const log = await readLog(server.url, "begins");
  const read = async (...options: string[]) => {
    const { out, code } = await cli(["tail", address, "--json", "--no-follow", ...options]);
    expect(code).toBe(0);
    return parse(out.split("\n").slice(0, -1));
  };
  expect(await read()).toEqual(log.slice(-10));
  expect(await read("--last", "3")).toEqual(log.slice(-3));
  expect(await read("--last", "0")).toEqual([]);
  expect(await read("--after", "0")).toEqual(log);
  expect(await read("--after", "5")).toEqual(log.slice(5));
  expect(await read("--after", `${log.length}`)).toEqual([]);
  const messages = log.filter(({ type }) => type === "message.created");
  expect(await read("--types", "message.created", "--last", "11")).toEqual(messages.slice(-11));
  expect(await read("--transport", "sse", "--after", "5")).toEqual(log.slice(5));
  expect(await read("--transport", "poll", "--after", "5")).toEqual(log.slice(5));
  feed.close();
});

it("CLI9: a reader that has seen enough ends it quietly", async () => {
  const tail = new Cli(["tail", lobby, "--json", "--quiet"]);
  await tail.until(() => tail.lines.length > 0);
  tail.child.stdout.destroy();
  const feed = ada.client.follow("lobby", { last: 0 });
  await feed.send("this finds nobody");
  await feed.send("nor does this");
  expect(await tail.ended()).toBe(0);
  expect(tail.err).toBe("");
  feed.close();
});

it("CLI10: Ctrl-C tears no line", async () => {
  const { address, feed } = await roomOf("torn");
  const long = "x".repeat(7000);
  for (let n = 0; n < 40; n++) await feed.send(`${n} ${long}`);
  const tail = new Cli(["tail", address, "--json", "--after", "0"]);
  await tail.until(() => tail.out.length > 0);
  tail.child.kill("SIGINT");
  expect(await tail.ended()).toBe(130);
  expect(tail.out.endsWith("\n")).toBe(true);
  const log = await readLog(server.url, "torn");
  expect(parse(tail.lines)).toEqual(log.slice(0, tail.lines.length));
  feed.close();
});

it("CLI12: what is refused is said", async () => {
  const reply = await cli(["send", lobby, "--reply-to", "9999", "hi"]);
  expect(reply).toMatchObject({ code: 1, out: "" });
  expect(reply.err).toMatch(/The request is not valid[^]*replyTo/);
  const none = await cli(["tail", `${server.url}/rooms/none`]);
  expect(none).toMatchObject({ code: 1, out: "" });
  expect(none.err).toMatch(/not-found/);
  const env = { BACKCHANNEL_TOKEN: "bct_unknown" };
  for (const args of [
    ["tail", lobby],
    ["send", lobby, "hi"],
  ]) {
    const { code, err } = await cli(args, { env });
    expect(code).toBe(1);
    expect(err).toMatch(/BACKCHANNEL_TOKEN/);
    expect(err).not.toMatch(/bct_unknown/);
  }
});

it("CLI5: a wrong call is refused with words", async () => {
  for (const args of [[], ["dance"], ["tail"], ["tail", lobby, "--loud"], ["send", lobby]]) {
    const { code, out, err } = await cli(args);
    expect({ args, code, out }).toEqual({ args, code: 2, out: "" });
    expect(err).toMatch(/--help/);
  }
});

it("CLI5: a token that no header can carry is refused at once, and not printed", async () => {
  const nowhere = `http://localhost:${await freePort()}/rooms/lobby`;
  for (const token of ["ключ", "bct_ a", "bct_\u0007"]) {
    for (const args of [
      ["tail", nowhere],
      ["send", nowhere, "hi"],
    ]) {
      const { code, out, err } = await cli(args, { env: { BACKCHANNEL_TOKEN: token } });
      expect({ code, out }).toEqual({ code: 2, out: "" });
      expect(err).toMatch(/BACKCHANNEL_TOKEN/);
      expect(err).not.toContain(token);
    }
  }
});

it("CLI17: what a proxy answers passes", async () => {
  for (const status of ["404 Not Found", "403 Forbidden"]) {
    const no = () => answer(status, "text/html", "<h1>no</h1>");
    const proxy = await standBetween(server.port, no);
    const room = `${proxy.url}/rooms/lobby`;
    const sent = await cli(["send", room, "hi", "--timeout", "1"]);
    expect(sent).toMatchObject({ code: 3, out: "" });
    expect(sent.err).toContain(
      `no answer within 1 s from the server; something before it answers ${status}`,
    );
    const read = await cli(["tail", room, "--no-follow", "--timeout", "2"]);
    expect(read).toMatchObject({ code: 3, out: "" });
    expect(read.err).toContain(status);

    const tail = new Cli(["tail", room, "--json"]);
    await tail.until(() => tail.err.includes(status) || tail.child.exitCode !== null);
    const send = new Cli(["send", room, "at last"]);
    send.child.stdin.end();
    await send.until(() => send.err.includes(status) || send.child.exitCode !== null);
    proxy.verdict = () => null;
    expect(await send.ended()).toBe(0);
    await tail.until(() => tail.out.includes("at last") || tail.child.exitCode !== null);
    tail.child.kill("SIGINT");
    expect(await tail.ended()).toBe(130);

    // Only what is written is stopped.
    proxy.verdict = (head) => (head.startsWith("POST /api/rooms/") ? no() : null);
    const late = new Cli(["send", room, "over requests", "--transport", "poll", "--quiet"]);
    late.child.stdin.end();
    const stopped = await cli(["send", room, "hi", "--transport", "poll", "--timeout", "3"]);
    expect(stopped).toMatchObject({ code: 3, out: "" });
    expect(stopped.err).toContain(status);
    proxy.verdict = () => null;
    expect(await late.ended()).toBe(0);
    await proxy.stop();
  }
});

it("CLI13: when the time is up, what the server said last is said", async () => {
  const problem = problemOf({ code: "rate-limited", detail: "Later.", retryAfter: 60 });
  const slow = answer("429 No", "application/problem+json", JSON.stringify(problem));
  const proxy = await standBetween(server.port, () => slow);
  const room = `${proxy.url}/rooms/lobby`;
  const guest = await cli(["send", room, "hi", "--timeout", "1", "--quiet"]);
  expect(guest).toMatchObject({ code: 1, out: "" });
  expect(guest.err).toMatch(/Too much at once: Later\.[^]*not sent/);
  const read = await cli(["tail", room, "--no-follow", "--timeout", "1", "--quiet"]);
  expect(read).toMatchObject({ code: 1, out: "" });
  expect(read.err).toMatch(/Too much at once: Later\./);
  await proxy.stop();
});

it("CLI18: a message that left and was not answered may have been written", async () => {
  const proxy = await standBetween(server.port, (head) =>
    head.startsWith("POST /api/rooms/") ? "swallow" : null,
  );
  const call = ["send", `${proxy.url}/rooms/lobby`, "--transport", "poll", "--timeout", "3"];
  const { code, out, err } = await cli([...call, "--nonce", "once", "hi"]);
  expect({ code, out }).toEqual({ code: 3, out: "" });
  expect(err).toMatch(/may have been written;.*once/);
  const lines = await cli([...call, "--lines"], { input: "\nhi\nyou\n" });
  expect(lines.code).toBe(3);
  expect(lines.err).toMatch(/line 2 may have been written.*\nnothing after it/);
  await proxy.stop();
});

it("CLI13: nobody there", async () => {
  const nowhere = `http://localhost:${await freePort()}/rooms/lobby`;
  const sent = await cli(["send", nowhere, "hi", "--timeout", "1"]);
  expect(sent).toMatchObject({ code: 3, out: "" });
  expect(sent.err).toMatch(/not sent/);
  expect((await cli(["tail", nowhere, "--no-follow", "--timeout", "1"])).code).toBe(3);
  const tail = new Cli(["tail", nowhere]);
  await tail.until(() => tail.err.includes("does not answer"));
  tail.child.kill("SIGINT");
  expect(await tail.ended()).toBe(130);
});

it("CLI14: a cursor that the log cannot be gone on with", async () => {
  for (const options of [
    ["--after", "100000"],
    ["--after", "1", "--epoch", "another"],
  ]) {
    const { code, out, err } = await cli(["tail", lobby, ...options]);
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toMatch(/cannot be gone on with/);
  }
});

it("CLI16: packed and installed elsewhere it runs", async () => {
  const place = mkdtempSync(join(tmpdir(), "backchannel-packed-"));
  try {
    const packed = execFileSync("npm", ["pack", "--silent", "--pack-destination", place]);
    writeFileSync(join(place, "package.json"), "{}");
    const tarball = `./${packed.toString().trim().split("\n").at(-1)}`;
    execFileSync("npm", ["install", "--silent", "--prefer-offline", tarball], { cwd: place });
    const program = join(place, "node_modules/backchannel/bin/backchannel.js");
    const { out, code } = await cli(["tail", lobby, "--no-follow", "--json"], { program });
    expect(code).toBe(0);
    expect(parse(out.split("\n").slice(0, -1))).toEqual(
      (await readLog(server.url, "lobby")).slice(-10),
    );
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
});
