/** Why the server ended a socket. A client does not come back after a terminal one. */
export const CLOSE = {
  /** RFC 6455, 7.4.1: a binary frame came; only JSON text is understood. */
  binary: 1003,
  /** Five frames in a row were not JSON. */
  notJson: 1007,
  /** A frame was larger than `LIMIT_BODY`. */
  tooLarge: 1009,
  /** Come back at once with your cursor: one socket carries only so much old history. */
  catchUp: 1013,
  /** The session or token has ended. */
  signedOut: 4401,
  /** Removed or banned, or the room turned private. */
  notAllowed: 4403,
  /** The room was deleted. */
  gone: 4404,
  /** Limits were passed again and again. */
  rateLimited: 4429,
} as const;

/** Codes after which trying again cannot help until a person has done something. */
export const TERMINAL: ReadonlySet<number> = new Set([
  CLOSE.binary,
  CLOSE.signedOut,
  CLOSE.notAllowed,
  CLOSE.gone,
]);

/** The WebSocket subprotocol (RFC 6455, 1.9). */
export const SUBPROTOCOL = "backchannel.v1";

/** Answered by the runtime with `PONG` while the room sleeps. */
export const PING = "ping";
export const PONG = "pong";
