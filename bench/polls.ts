import { Crowd } from "./crowd.ts";
import { Exchange, getOf } from "./http.ts";
import { type Figures, type Stage, pause, sendOnAck } from "./scenarios.ts";

const EVENTS = "/api/rooms/lobby/events";
/** Long enough that not every page of it is kept anywhere. */
const LOG = 2000;
const PAGE = 50;
const CONNECTIONS = 8;

/** Asks again and again over a few connections; answers what was asked in `ms`. */
async function ask(port: number, ms: number, requestOf: (turn: number) => string): Promise<number> {
  let turn = 0;
  let going = true;
  let broken: string | undefined;
  const lines = Array.from({ length: CONNECTIONS }, () => {
    const line = new Exchange(port);
    line.onHead = (head) => {
      if (!/^HTTP\/1\.1 (?:200|304) /.test(head)) broken = head;
    };
    line.onEnd = () => {
      if (going) line.ask(requestOf(turn++));
    };
    line.onClose = (why) => (broken ??= why);
    line.ask(requestOf(turn++));
    return line;
  });
  await pause(ms);
  going = false;
  for (const line of lines) line.close();
  if (broken !== undefined) throw new Error(`a poll failed: ${broken}`);
  return turn;
}

/** The answer's tag, and its head event's number. */
async function look(port: number): Promise<{ tag: string; head: number }> {
  const answer = await fetch(`http://127.0.0.1:${port}${EVENTS}?limit=1`);
  const { head } = (await answer.json()) as { head: number };
  return { tag: answer.headers.get("etag") ?? "", head };
}

/** What a poll costs that is answered at once, by what is known of its answer and where. */
export async function polls({ side, server }: Stage): Promise<Figures> {
  const { port } = server;
  const crowd = new Crowd(side, port);
  const [seat] = await crowd.join([await side.signIn(port, "p0")], 1);
  const stop = sendOnAck(seat!, 50);
  while (seat!.acked < LOG) await pause(10);
  stop();
  await pause(1000);
  crowd.leave();
  const { tag, head } = await look(port);
  const page = (after: number): string => getOf(`${EVENTS}?after=${after}&limit=${PAGE}`);
  const cases: Record<string, (turn: number) => string> = {
    known: () => getOf(`${EVENTS}?after=${head - PAGE}`, { "If-None-Match": tag }),
    head: () => page(head),
    kept: () => page(100),
    // More than the edge keeps, no more than the room does.
    room: (turn) => page(turn % 120),
    log: (turn) => page(turn % (head - PAGE)),
  };
  const figures: Figures = {};
  for (const [name, requestOf] of Object.entries(cases)) {
    await ask(port, 500, requestOf);
    const before = { at: performance.now(), cpu: server.cpuSeconds() };
    const asked = await ask(port, 1500, requestOf);
    const seconds = (performance.now() - before.at) / 1000;
    figures[`${name}.perSecond`] = asked / seconds;
    figures[`${name}.cpu`] = ((server.cpuSeconds() - before.cpu) / asked) * 1e6;
  }
  return figures;
}
