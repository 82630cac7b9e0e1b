import { z } from "zod";
import { Event, MessageChange, NewMessage } from "./events.ts";
import { HeldPage, ReadMark } from "./frames.ts";
import { LONGEST_WAIT_S, PAGE_LIMIT } from "./limits.ts";
import {
  cursor,
  idempotent,
  last,
  listing,
  message,
  position,
  reaction,
  room,
  signals,
  types,
  whole,
} from "./parameters.ts";
import type { ProblemCode } from "./problems.ts";
import { MemberList, NewRoom, Room, RoomChange, RoomList } from "./rooms.ts";
import { SessionInfo, SignIn } from "./users.ts";

/**
 * Every operation of the HTTP API: the schemas that check its requests, and that the OpenAPI
 * document is made from. Handlers live in the folders' `routes.ts`, under the same names.
 */
export interface Route {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  path: `/${string}`;
  summary: string;
  /** `anyone`: also who is not signed in. */
  caller: "anyone" | "signed-in";
  /** Pages of any origin may read what it answers to nobody in particular (CORS). */
  open?: true;
  params?: z.ZodObject;
  query?: z.ZodObject;
  headers?: z.ZodObject;
  body?: z.ZodType;
  /** What is answered when all is well, by status. Null: no body. */
  answers: Record<number, z.ZodType | null>;
  /** What the answers are made of, where it is not JSON. */
  media?: string;
  /** Besides the general ones. */
  problems: readonly ProblemCode[];
}

export const ROUTES = {
  readHealth: {
    method: "GET",
    path: "/api/health",
    summary: "Whether the deployment answers",
    caller: "anyone",
    answers: { 200: z.strictObject({ ok: z.literal(true), version: z.string() }) },
    problems: [],
  },
  createSession: {
    method: "POST",
    path: "/api/session",
    summary: "Sign in as a guest",
    caller: "anyone",
    body: SignIn,
    answers: { 201: SessionInfo },
    problems: ["guests-off", "rate-limited"],
  },
  readSession: {
    method: "GET",
    path: "/api/session",
    summary: "Who is signed in",
    caller: "signed-in",
    answers: { 200: SessionInfo },
    problems: [],
  },
  deleteSession: {
    method: "DELETE",
    path: "/api/session",
    summary: "Sign out, here and on the server",
    caller: "anyone",
    answers: { 204: null },
    problems: [],
  },
  listRooms: {
    method: "GET",
    path: "/api/rooms",
    summary: "The rooms the caller may see",
    caller: "anyone",
    query: listing.extend({
      query: z.string().max(100).optional().meta({ description: "part of a slug, title or topic" }),
    }),
    answers: { 200: RoomList },
    problems: [],
  },
  createRoom: {
    method: "POST",
    path: "/api/rooms",
    summary: "Make a room",
    caller: "signed-in",
    body: NewRoom,
    answers: { 201: Room },
    problems: ["slug-taken", "rate-limited"],
  },
  readRoom: {
    method: "GET",
    path: "/api/rooms/:slug",
    summary: "One room",
    caller: "anyone",
    open: true,
    params: room,
    answers: { 200: Room },
    problems: [],
  },
  changeRoom: {
    method: "PATCH",
    path: "/api/rooms/:slug",
    summary: "Change a room's title, topic or rules",
    caller: "signed-in",
    params: room,
    body: RoomChange,
    answers: { 200: Room },
    problems: ["forbidden", "rate-limited"],
  },
  joinRoom: {
    method: "POST",
    path: "/api/rooms/:slug/join",
    summary: "Become a member of a public room",
    caller: "signed-in",
    params: room,
    answers: { 200: Room },
    problems: ["rate-limited"],
  },
  leaveRoom: {
    method: "POST",
    path: "/api/rooms/:slug/leave",
    summary: "Stop being a member",
    caller: "signed-in",
    params: room,
    answers: { 204: null },
    problems: ["forbidden", "rate-limited"],
  },
  listMembers: {
    method: "GET",
    path: "/api/rooms/:slug/members",
    summary: "Who is a member of a room",
    caller: "signed-in",
    params: room,
    query: listing,
    answers: { 200: MemberList },
    problems: [],
  },
  readEvents: {
    method: "GET",
    path: "/api/rooms/:slug/events",
    summary: "Read the log, up from a cursor or down from one; with neither, its newest events",
    caller: "anyone",
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
    params: room,
    answers: { 204: null },
    problems: ["rate-limited"],
  },
  markRead: {
    method: "PUT",
    path: "/api/rooms/:slug/read",
    summary: "Say how far one has read",
    caller: "signed-in",
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
    params: reaction,
    headers: idempotent,
    answers: { 200: Event },
    problems: ["forbidden", "rate-limited"],
  },
} as const satisfies Record<string, Route>;

export type Operation = keyof typeof ROUTES;
