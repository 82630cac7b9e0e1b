export { type BackchannelOptions, createBackchannel } from "./backchannel.ts";
export { ClosedError, NetworkError, ProblemError } from "./errors.ts";
export { indexedDbOutbox } from "./indexeddb.ts";
export { memoryOutbox, type Outbox, type OutboxEntry } from "./outbox.ts";
export type { Clock, Network, NetworkNews } from "./platform.ts";
export type { Pace } from "./rules.ts";
export type { Transport, WebSocketClass } from "./transport.ts";
export type * from "./types.ts";
