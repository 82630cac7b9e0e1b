import { z } from "zod";
import { Event, MessageChange, NewMessage } from "../events.ts";
import { HeldPage, ReadMark } from "../frames.ts";
import { LONGEST_WAIT_S, PAGE_LIMIT } from "../limits.ts";
import {
  cursor,
  idempotent,
  last,
  message,
  position,
  reaction,
  room,
  signals,
  types,
  whole,
} from "../parameters.ts";
import type { Route } from "./route.ts";

/** Reading a room's log, following it, and writing to it. */
export const LOG_ROUTES = {
  readEvents: {
    method: "GET",
    path: "/api/rooms/:slug/events",
    summary: "Read the log, up from a cursor or down from one; with neither, its newest events",
    caller: "anyone",
    scope: "read",
    open: true,
    params: room,
    query: position
      .extend({
        before: cursor.optional().meta({ description: "End before this seq and read down." }),
        limit: whole(1, PAGE_LIMIT.most).optional(),
        types,
        wait: whole(0, LONGEST_WAIT_S).optional().meta({
          description: "Hold the answer until there is an event after the cursor, so many seconds.",
        }),
        signals,
      })
      .refine(({ after, before }) => after === undefined || before === undefined, {
        path: ["before"],
        message: "goes without after",
      })
      .refine(({ before, wait }) => before === undefined || wait === undefined, {
        path: ["wait"],
        message: "goes without before: what is old does not come",
      }),
    headers: z.object({
      "if-none-match": z.string().optional().meta({
        description: "The ETag of an answer to this address: 304 as long as nothing has changed.",
      }),
      prefer: z.string().optional().meta({
        description: "`wait=S` is the same as `wait`, with what is too long taken as the longest.",
      }),
    }),
    answers: { 200: HeldPage, 304: null },
    problems: ["cursor-ahead", "epoch-changed", "history-trimmed"],
  },
  followRoom: {
    method: "GET",
    path: "/api/rooms/:slug/socket",
    summary: "Follow and write over a WebSocket, subprotocol backchannel.v1",
    caller: "anyone",
    scope: "read",
    params: room,
    query: position.extend({ last }),
    answers: { 101: null },
    problems: [
      "upgrade-required",
      "subprotocol-unsupported",
      "cursor-ahead",
      "epoch-changed",
      "history-trimmed",
    ],
  },
  followStream: {
    method: "GET",
    path: "/api/rooms/:slug/stream",
    summary: "Follow as server-sent events",
    caller: "anyone",
    scope: "read",
    open: true,
    params: room,
    query: position.extend({ last, types, signals }),
    headers: z.object({
      "last-event-id": z
        .union([z.literal("").transform(() => undefined), cursor])
        .optional()
        .meta({
          type: "integer",
          minimum: 0,
          description: "The seq one has; a browser sends it when it comes back. Over `after`.",
        }),
    }),
    media: "text/event-stream",
    answers: { 200: z.string() },
    problems: ["cursor-ahead", "epoch-changed", "history-trimmed"],
  },
  typing: {
    method: "POST",
    path: "/api/rooms/:slug/typing",
    summary: "Tell the others that one is writing",
    caller: "signed-in",
    scope: "write",
    meter: "command",
    params: room,
    answers: { 204: null },
    problems: ["rate-limited"],
  },
  markRead: {
    method: "PUT",
    path: "/api/rooms/:slug/read",
    summary: "Say how far one has read",
    caller: "signed-in",
    scope: "write",
    meter: "command",
    params: room,
    body: ReadMark,
    answers: { 204: null },
    problems: ["rate-limited"],
  },
  createMessage: {
    method: "POST",
    path: "/api/rooms/:slug/messages",
    summary: "Write a message",
    caller: "signed-in",
    scope: "write",
    meter: "command",
    params: room,
    headers: idempotent,
    body: NewMessage,
    answers: { 201: Event, 200: Event },
    problems: ["forbidden", "rate-limited"],
  },
  editMessage: {
    method: "PATCH",
    path: "/api/rooms/:slug/messages/:seq",
    summary: "Change the text of one's own message",
    caller: "signed-in",
    scope: "write",
    meter: "command",
    params: message,
    headers: idempotent,
    body: MessageChange,
    answers: { 200: Event },
    problems: ["forbidden", "rate-limited"],
  },
  deleteMessage: {
    method: "DELETE",
    path: "/api/rooms/:slug/messages/:seq",
    summary: "Remove a message's text from every read of the log",
    caller: "signed-in",
    scope: ["write", "moderate"],
    meter: "command",
    params: message,
    headers: idempotent,
    answers: { 200: Event },
    problems: ["forbidden", "rate-limited"],
  },
  addReaction: {
    method: "PUT",
    path: "/api/rooms/:slug/messages/:seq/reactions/:emoji",
    summary: "React to a message",
    caller: "signed-in",
    scope: "write",
    meter: "command",
    params: reaction,
    headers: idempotent,
    answers: { 200: Event },
    problems: ["forbidden", "rate-limited"],
  },
  removeReaction: {
    method: "DELETE",
    path: "/api/rooms/:slug/messages/:seq/reactions/:emoji",
    summary: "Take a reaction back",
    caller: "signed-in",
    scope: "write",
    meter: "command",
    params: reaction,
    headers: idempotent,
    answers: { 200: Event },
    problems: ["forbidden", "rate-limited"],
  },
} as const satisfies Record<string, Route>;
