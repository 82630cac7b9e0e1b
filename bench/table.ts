import { SOCKETS, STREAMS, WAITERS, broadcast, polling } from "./followers.ts";
import { polls } from "./polls.ts";
import * as scenarios from "./scenarios.ts";

/** A line of the table: one figure of a scenario, and what it should come to. */
export interface Row {
  figure: string;
  title: string;
  unit: string;
  digits: number;
  /** Ours over theirs (`times`), or ours alone (`value`). None: the figure is only told. */
  want?: { what: "times" | "value"; least?: number; most?: number };
}

export interface Scenario {
  name: string;
  title: string;
  run: (stage: scenarios.Stage) => Promise<scenarios.Figures>;
  rows: Row[];
}

/** Microseconds each are seconds for a million. */
const cpuPerDelivery = {
  figure: "cpuPerDelivery",
  title: "server CPU per delivery (µs; seconds per million)",
  unit: "µs",
  digits: 2,
};
const p50 = { figure: "p50", title: "half arrive within", unit: "ms", digits: 1 };
const p99 = { figure: "p99", title: "99 % arrive within", unit: "ms", digits: 1 };

const sockets: Scenario[] = [
  {
    name: "fanout",
    title: `One sender as fast as it can (${scenarios.WINDOW} in flight), 1,000 sockets`,
    run: scenarios.fanout,
    rows: [
      {
        figure: "deliveriesPerSecond",
        title: "deliveries a second",
        unit: "",
        digits: 0,
        want: { what: "times", least: 4 },
      },
      { ...cpuPerDelivery, want: { what: "times", most: 0.25 } },
    ],
  },
  {
    name: "people",
    title: "100 people, each sending 5 a second",
    run: scenarios.people,
    rows: [
      { ...cpuPerDelivery, want: { what: "times", most: 1.2 } },
      p50,
      { ...p99, want: { what: "value", most: 25 } },
    ],
  },
  {
    name: "steady",
    title: "50 messages a second to 100 sockets",
    run: scenarios.steady,
    rows: [
      { ...cpuPerDelivery, want: { what: "times", most: 2.1 } },
      p50,
      { ...p99, want: { what: "value", most: 15 } },
    ],
  },
  {
    name: "joins",
    title: "1,000 sockets join at once, each gets the last 50 messages",
    run: scenarios.joins,
    rows: [
      {
        figure: "cpuPerJoin",
        title: "server CPU per join",
        unit: "µs",
        digits: 0,
        want: { what: "times", most: 0.6 },
      },
      { figure: "joinsPerSecond", title: "joins a second", unit: "", digits: 0 },
    ],
  },
  {
    name: "joinsSignedIn",
    title: "The same, as 100 signed-in people (the other side asks for no proof)",
    run: scenarios.joinsSignedIn,
    rows: [{ figure: "cpuPerJoin", title: "server CPU per join", unit: "µs", digits: 0 }],
  },
  {
    name: "idle",
    title: "5,000 sockets that say nothing",
    run: scenarios.idle,
    rows: [
      {
        figure: "memoryPerConnection",
        title: "memory per connection",
        unit: "KB",
        digits: 0,
        want: { what: "value", most: 100 },
      },
    ],
  },
  {
    name: "durable",
    title: "One sender who waits for each acknowledgement",
    run: scenarios.durable,
    rows: [
      { figure: "sendsPerSecond", title: "durable sends a second", unit: "", digits: 0 },
      { ...p50, title: "half are acknowledged within", digits: 2 },
      { ...p99, title: "99 % are acknowledged within", digits: 2 },
      { figure: "cpuPerSend", title: "server CPU per send", unit: "µs", digits: 0 },
    ],
  },
];

const ms = { unit: "ms", digits: 0 };
const KB = { unit: "KB", digits: 0 };
const µs = { unit: "µs", digits: 0 };

/** How long messages take to everybody, and what they cost, for one way of sending them. */
const reach = (prefix: string, how: string): Row[] => [
  { figure: `${prefix}.p50`, title: `${how}: half have it within`, ...ms },
  { figure: `${prefix}.p99`, title: `${how}: 99 % have it within`, ...ms },
  { figure: `${prefix}.last`, title: `${how}: everybody has it within (median)`, ...ms },
];

const costly = (prefix: string, how: string): Row[] => [
  ...reach(prefix, how),
  { figure: `${prefix}.cpu`, title: `${how}: server CPU per delivery`, ...µs },
];

const count = (value: number): string => value.toLocaleString("en-US");

const followers: Scenario[] = [
  {
    name: "broadcast",
    title: `${count(STREAMS)} event streams and ${SOCKETS} sockets (Socket.IO: ${count(STREAMS + SOCKETS)} sockets)`,
    run: broadcast,
    rows: [
      { figure: "attach.memory", title: "memory per stream", ...KB },
      { figure: "attach.cpu", title: "server CPU per stream that comes", ...µs },
      ...costly("alone", "a message alone"),
      ...costly("five", "5 a second"),
      ...costly("twenty", "20 a second"),
    ],
  },
  {
    name: "polling",
    title: `${count(WAITERS)} long polls`,
    run: polling,
    rows: [
      { figure: "attach.memory", title: "memory per waiter", ...KB },
      ...reach("woken", "a message wakes all"),
      { figure: "woken.cpu", title: "server CPU to wake one, who then asks again", ...µs },
    ],
  },
];

const asked = (prefix: string, what: string): Row[] => [
  { figure: `${prefix}.cpu`, title: `${what}: server CPU each`, ...µs },
  { figure: `${prefix}.perSecond`, title: `${what}: a second`, unit: "", digits: 0 },
];

const answers: Scenario[] = [
  {
    name: "polls",
    title: "Polls that are answered at once, over 8 connections",
    run: polls,
    rows: [
      ...asked("known", "known to the reader (304)"),
      ...asked("head", "nothing new"),
      ...asked("kept", "50 old events, always the same"),
      ...asked("room", "50 old events, kept by the room only"),
      ...asked("log", "50 old events, read from the log"),
    ],
  },
];

/** A table: what it compares, and where it stands between two marks of its name. */
export interface Part {
  name: "sockets" | "followers" | "polls";
  file: string;
  scenarios: Scenario[];
}

export const PARTS: Part[] = [
  { name: "sockets", file: "README.md", scenarios: sockets },
  { name: "followers", file: "README.md", scenarios: followers },
  { name: "polls", file: "docs/performance.md", scenarios: answers },
];
