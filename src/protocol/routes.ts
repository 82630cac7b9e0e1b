import { z } from "zod";
import { EVENT_TYPES, Event, EventPage, MessageChange, NewMessage } from "./events.ts";
import { Nonce, Slug } from "./ids.ts";
import { PAGE_LIMIT } from "./limits.ts";
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
  params?: z.ZodObject;
  query?: z.ZodObject;
  headers?: z.ZodObject;
  body?: z.ZodType;
  /** What is answered when all is well, by status. Null: no body. */
  answers: Record<number, z.ZodType | null>;
  /** Besides the general ones. */
  problems: readonly ProblemCode[];
}

/** A whole number as it stands in an address: digits only, no sign, no fraction, no exponent. */
const whole = (least: number, most: number) =>
  z
    .string()
    .regex(/^[0-9]{1,16}$/, "not a whole number")
    .transform(Number)
    .refine((value) => value >= least && value <= most, `not from ${least} to ${most}`)
    .meta({ type: "integer", minimum: least, maximum: most, pattern: undefined });

const cursor = whole(0, Number.MAX_SAFE_INTEGER);
const room = z.object({ slug: Slug });
const message = z.object({
  slug: Slug,
  seq: whole(1, Number.MAX_SAFE_INTEGER).meta({ description: "the message's seq" }),
});
const reaction = message.extend({
  emoji: z.string().meta({ description: "one emoji, percent-encoded", example: "👍" }),
});
const idempotent = z.object({
  "idempotency-key": Nonce.optional().meta({
    description: "Repeating the request with the same key writes nothing twice.",
  }),
});
const listing = z.object({
  cursor: z.string().max(200).optional().meta({ description: "`next` of the answer before" }),
  limit: whole(1, PAGE_LIMIT.most).optional(),
});
const position = z.object({
  after: cursor.optional().meta({ description: "Begin behind this seq and read up." }),
  epoch: z
    .string()
    .max(64)
    .optional()
    .meta({ description: "The life of the log the cursor is of." }),
});

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
    params: room,
    query: position
      .extend({
        before: cursor.optional().meta({ description: "End before this seq and read down." }),
        limit: whole(1, PAGE_LIMIT.most).optional(),
        types: z
          .string()
          .max(500)
          .transform((list) => list.split(","))
          .pipe(z.array(z.enum(EVENT_TYPES)))
          .optional()
          .meta({ type: "string", description: "only these event types, separated by commas" }),
      })
      .refine(({ after, before }) => after === undefined || before === undefined, {
        path: ["before"],
        message: "goes without after",
      }),
    headers: z.object({
      "if-none-match": z.string().optional().meta({
        description: "The ETag of an answer to this address: 304 as long as nothing has changed.",
      }),
    }),
    answers: { 200: EventPage, 304: null },
    problems: ["cursor-ahead", "epoch-changed", "history-trimmed"],
  },
  followRoom: {
    method: "GET",
    path: "/api/rooms/:slug/socket",
    summary: "Follow and write over a WebSocket, subprotocol backchannel.v1",
    caller: "anyone",
    params: room,
    query: position.extend({
      last: whole(0, PAGE_LIMIT.most)
        .optional()
        .meta({ description: "Without `after`: begin with so many of the newest events." }),
    }),
    answers: { 101: null },
    problems: [
      "upgrade-required",
      "subprotocol-unsupported",
      "cursor-ahead",
      "epoch-changed",
      "history-trimmed",
    ],
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
