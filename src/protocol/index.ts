export * from "./closing.ts";
export * from "./events.ts";
export * from "./frames.ts";
export * from "./ids.ts";
export * from "./limits.ts";
export * from "./problems.ts";
export * from "./rooms.ts";
export * from "./users.ts";
