import { Crowd, type Seat } from "./crowd.ts";
import type { Server } from "./server.ts";
import type { Pass, Side } from "./side.ts";

export type Figures = Record<string, number>;

/** What a scenario measures with: a fresh server, nobody in its room. */
export interface Stage {
  side: Side;
  server: Server;
  crowd: Crowd;
}

export const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** Messages on their way that a sender does not wait for. */
export const WINDOW = 32;

/** The same dice on both sides and in every round. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

export function percentile(values: readonly number[], part: number): number {
  const sorted = Float64Array.from(values).toSorted();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

const signInPeople = (stage: Stage, count: number): Promise<Pass[]> =>
  Promise.all(
    Array.from({ length: count }, (_, number) =>
      stage.side.signIn(stage.server.port, `p${number}`),
    ),
  );

/** What happened between two moments, once the room is warm. */
async function measure(stage: Stage, warm: number, long: number): Promise<Figures> {
  await pause(warm);
  const { crowd, server } = stage;
  crowd.latencies = [];
  const before = { at: performance.now(), cpu: server.cpuSeconds(), count: crowd.delivered };
  const own = process.cpuUsage();
  await pause(long);
  const seconds = (performance.now() - before.at) / 1000;
  const cpu = server.cpuSeconds() - before.cpu;
  const delivered = crowd.delivered - before.count;
  const { user, system } = process.cpuUsage(own);
  const latencies = crowd.latencies;
  crowd.latencies = undefined;
  return {
    deliveriesPerSecond: delivered / seconds,
    cpuPerDelivery: (cpu / delivered) * 1e6,
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    serverCores: cpu / seconds,
    loadCores: (user + system) / 1e6 / seconds,
  };
}

/** Keeps `window` messages on their way until stopped. */
export function sendOnAck(seat: Seat, window: number): () => void {
  let going = true;
  seat.onAck = () => {
    if (going) seat.send();
  };
  for (let sent = 0; sent < window; sent++) seat.send();
  return () => (going = false);
}

/** Each of them sends every `gap` milliseconds on average, at moments of their own. */
function sendAtRate(seats: readonly Seat[], gap: number): () => void {
  const roll = dice(7);
  let going = true;
  const next = seats.map(() => performance.now() + roll() * gap);
  const tick = (): void => {
    if (!going) return;
    const now = performance.now();
    for (const [place, seat] of seats.entries()) {
      while (next[place]! <= now) {
        seat.send();
        next[place]! += gap * (0.5 + roll());
      }
    }
    setTimeout(tick, 1);
  };
  tick();
  return () => (going = false);
}

/** One sender as fast as the acknowledgements come, 1,000 sockets. */
export async function fanout(stage: Stage): Promise<Figures> {
  const seats = await stage.crowd.join(await signInPeople(stage, 10), 1000);
  const stop = sendOnAck(seats[0]!, WINDOW);
  const figures = await measure(stage, 1500, 4000);
  stop();
  await stage.crowd.settle();
  return figures;
}

/** 100 people, each sending five messages a second. */
export async function people(stage: Stage): Promise<Figures> {
  const seats = await stage.crowd.join(await signInPeople(stage, 100), 100);
  const stop = sendAtRate(seats, 200);
  const figures = await measure(stage, 2000, 5000);
  stop();
  await stage.crowd.settle();
  return figures;
}

/** One sender, 50 messages a second, 100 sockets. */
export async function steady(stage: Stage): Promise<Figures> {
  const seats = await stage.crowd.join(await signInPeople(stage, 10), 100);
  const stop = sendAtRate(seats.slice(0, 1), 20);
  const figures = await measure(stage, 2000, 5000);
  stop();
  await stage.crowd.settle();
  return figures;
}

/** 1,000 sockets at once, each with the newest 50 messages. Nobody checks who they are. */
export const joins = (stage: Stage): Promise<Figures> => measureJoins(stage, [stage.side.nobody]);

/** The same, as 100 signed-in people. */
export const joinsSignedIn = async (stage: Stage): Promise<Figures> =>
  measureJoins(stage, await signInPeople(stage, 100));

async function measureJoins(stage: Stage, passes: readonly Pass[]): Promise<Figures> {
  const { server, crowd, side } = stage;
  const writer = new Crowd(side, server.port);
  const [seat] = await writer.join(await signInPeople(stage, 1), 1);
  const stop = sendOnAck(seat!, 50);
  while (seat!.acked < 150) await pause(10);
  stop();
  // A first wave, gone again, so that both runtimes have seen what a join is.
  const first = new Crowd(side, server.port);
  await first.join(passes, 300, 50);
  first.leave();
  writer.leave();
  await pause(1000);
  const before = { at: performance.now(), cpu: server.cpuSeconds() };
  await crowd.join(passes, 1000, 50);
  const seconds = (performance.now() - before.at) / 1000;
  // What a server puts off until after the join (telling others who came) is part of its price.
  await pause(1000);
  const cpu = server.cpuSeconds() - before.cpu;
  await crowd.settle();
  return { cpuPerJoin: (cpu / 1000) * 1e6, joinsPerSecond: 1000 / seconds };
}

/** 5,000 sockets of 100 people that say nothing. */
export async function idle(stage: Stage): Promise<Figures> {
  const { server, crowd } = stage;
  const passes = await signInPeople(stage, 100);
  await crowd.join(passes, 200);
  await pause(1000);
  const before = server.residentBytes();
  for (let wave = 0; wave < 5; wave++) await crowd.join(passes, 1000);
  await pause(2000);
  return { memoryPerConnection: (server.residentBytes() - before) / 5000 / 1024 };
}

/** One sender alone in the room, who waits for each acknowledgement. */
export async function durable(stage: Stage): Promise<Figures> {
  const [seat] = await stage.crowd.join(await signInPeople(stage, 1), 1);
  const times: number[] = [];
  let sentAt = 0;
  let going = true;
  const send = (): void => {
    sentAt = performance.now();
    seat!.send();
  };
  seat!.onAck = () => {
    times.push(performance.now() - sentAt);
    if (going) send();
  };
  send();
  await pause(1000);
  times.length = 0;
  const from = performance.now();
  const cpu = stage.server.cpuSeconds();
  await pause(3000);
  going = false;
  const seconds = (performance.now() - from) / 1000;
  return {
    sendsPerSecond: times.length / seconds,
    cpuPerSend: ((stage.server.cpuSeconds() - cpu) / times.length) * 1e6,
    p50: percentile(times, 0.5),
    p99: percentile(times, 0.99),
  };
}
