import { Audience } from "./audience.ts";
import { type Carrier, byPolls, bySocket, byStream } from "./follower.ts";
import { type Figures, type Stage, pause, percentile } from "./scenarios.ts";

export const STREAMS = 2000;
export const SOCKETS = 500;
export const WAITERS = 2000;

/** So many come first, so that the runtime has seen what a follower is before memory is measured. */
const FIRST = 100;

async function withAudience(
  { side, server }: Stage,
  play: (audience: Audience) => Promise<Figures>,
): Promise<Figures> {
  const audience = new Audience(side, server.port);
  try {
    await audience.enter();
    return await play(audience);
  } finally {
    audience.leave();
  }
}

/** Messages that come alone: each is sent once everybody has had the one before for a while. */
async function sendAlone(audience: Audience, count: number, rest: number): Promise<void> {
  for (let sent = 0; sent < count; sent++) {
    audience.publish();
    await audience.reached();
    await pause(rest);
  }
}

async function sendAtRate(audience: Audience, perSecond: number, seconds: number): Promise<void> {
  const from = performance.now();
  for (let sent = 0; sent < perSecond * seconds; sent++) {
    await pause(Math.max(0, from + (sent * 1000) / perSecond - performance.now()));
    audience.publish();
  }
  await audience.reached();
}

/** What each of them costs who come now: in memory, once all are there, and in processor time. */
async function attach(
  { server }: Stage,
  audience: Audience,
  count: number,
  carrier: Carrier,
): Promise<{ memory: number; cpu: number }> {
  await pause(1000);
  const before = { bytes: server.residentBytes(), cpu: server.cpuSeconds() };
  await audience.join(count, carrier);
  await pause(1500);
  return {
    memory: (server.residentBytes() - before.bytes) / count / 1024,
    cpu: ((server.cpuSeconds() - before.cpu) / count) * 1e6,
  };
}

/** What is sent meanwhile: how long it takes, and what it costs the server. */
async function measure(
  { server }: Stage,
  audience: Audience,
  send: () => Promise<void>,
): Promise<{ p50: number; p99: number; last: number; cpu: number; loadCpu: number }> {
  audience.latencies = [];
  const before = { cpu: server.cpuSeconds(), sent: audience.sent };
  const own = process.cpuUsage();
  await send();
  const deliveries = (audience.sent - before.sent) * audience.size;
  const { user, system } = process.cpuUsage(own);
  const { latencies } = audience;
  audience.latencies = undefined;
  return {
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    last: percentile(audience.timesToLast(before.sent), 0.5),
    cpu: ((server.cpuSeconds() - before.cpu) / deliveries) * 1e6,
    loadCpu: (user + system) / deliveries,
  };
}

const named = (prefix: string, figures: object): Figures =>
  Object.fromEntries(Object.entries(figures).map(([name, value]) => [`${prefix}.${name}`, value]));

/** 2,000 event streams and 500 sockets; one publisher. */
export const broadcast = (stage: Stage): Promise<Figures> =>
  withAudience(stage, async (audience) => {
    await audience.join(SOCKETS, bySocket);
    await audience.join(FIRST, byStream);
    await sendAlone(audience, 3, 100);
    const attached = await attach(stage, audience, STREAMS - FIRST, byStream);
    await sendAlone(audience, 2, 300);
    const alone = await measure(stage, audience, () => sendAlone(audience, 5, 300));
    const five = await measure(stage, audience, () => sendAtRate(audience, 5, 5));
    const twenty = await measure(stage, audience, () => sendAtRate(audience, 20, 5));
    return {
      ...named("attach", attached),
      ...named("alone", alone),
      ...named("five", five),
      ...named("twenty", twenty),
    };
  });

/** 2,000 who wait for an answer, and ask again once they have it. */
export const polling = (stage: Stage): Promise<Figures> =>
  withAudience(stage, async (audience) => {
    await audience.join(FIRST, byPolls);
    await pause(1000);
    await sendAlone(audience, 3, 300);
    const attached = await attach(stage, audience, WAITERS - FIRST, byPolls);
    await sendAlone(audience, 1, 1500);
    const woken = await measure(stage, audience, () => sendAlone(audience, 4, 1200));
    return { ...named("attach", attached), ...named("woken", woken) };
  });
