/** What a deployment may set, with its default. The names are the variables' in `wrangler.toml`. */
export const DEFAULT_LIMITS = {
  /** A message's text, in characters (code points). */
  LIMIT_TEXT: 8000,
  /** A request's body or a frame, in bytes. */
  LIMIT_BODY: 65_536,
  /** One user's commands in one room that may come at once. */
  LIMIT_BURST: 20,
  /** One user's commands in one room, per second, after the burst. */
  LIMIT_RATE: 5,
  /** All commands in one room, per second. */
  LIMIT_ROOM: 1000,
  /** Sessions, accounts, rooms, tokens and invitations made from one address, per minute. */
  LIMIT_CREATE: 30,
  /** Sockets and streams that one user holds open in one room. */
  LIMIT_CONNECTIONS: 1000,
  /** Sockets and streams without a name that one address holds open in one room. */
  LIMIT_ANONYMOUS: 4000,
  /** Seconds that one event stream is held before it ends and its reader comes back with the cursor. */
  LIMIT_STREAM: 600,
} as const;

export type Limits = { -readonly [name in keyof typeof DEFAULT_LIMITS]: number };

/** How many events one answer holds, unless `limit` says fewer. */
export const PAGE_LIMIT = { most: 500, usual: 100 } as const;

/** The longest that an answer of the log may be held back for something to happen, in seconds. */
export const LONGEST_WAIT_S = 55;

/** Up to so many people present are listed by name; above it there is only their number. */
export const PRESENT_LISTED = 200;

/** A client that wants to count as present sends `ping` at least this often, in milliseconds. */
export const PING_EVERY_MS = 25_000;

/**
 * The limits that a deployment's variables set; what is not set, or is not a number of at least 1,
 * stays at its default.
 */
export function readLimits(variables: Record<string, unknown>): Limits {
  const limits: Limits = { ...DEFAULT_LIMITS };
  for (const name of Object.keys(limits) as (keyof Limits)[]) {
    const given = variables[name];
    const value = typeof given === "string" ? Number(given) : given;
    if (typeof value === "number" && Number.isFinite(value) && value >= 1) limits[name] = value;
  }
  return limits;
}
