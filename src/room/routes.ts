import {
  type Handlers,
  type Refused,
  answer,
  answerEncoded,
  answerNothing,
} from "../edge/handler.ts";
import type { Outcome } from "../protocol/index.ts";
import { moderationRoutes } from "./moderation.ts";
import type { Room } from "./object.ts";
import type { Command } from "./rules.ts";
import type { Written } from "./writer.ts";

const roomOf = (env: Env, slug: string): DurableObjectStub<Room> => env.ROOMS.getByName(slug);

/** 201 for what was written now, 200 for what had been before. */
const answerWritten = (written: Outcome<Written>, freshStatus = 200): Response | Refused =>
  written.ok ? answerEncoded(written.value.json, written.value.fresh ? freshStatus : 200) : written;

export const roomRoutes: Handlers<
  | "readRoom"
  | "changeRoom"
  | "joinRoom"
  | "leaveRoom"
  | "listMembers"
  | "typing"
  | "markRead"
  | "createMessage"
  | "editMessage"
  | "deleteMessage"
  | "addReaction"
  | "removeReaction"
  | keyof typeof moderationRoutes
> = {
  ...moderationRoutes,

  async readRoom({ env, caller, params }) {
    const room = await roomOf(env, params.slug).describe(caller);
    return room.ok ? answer(room.value) : room;
  },

  async changeRoom({ env, caller, params, body }) {
    const command: Command = { op: "change", change: body };
    const room = await roomOf(env, params.slug).commandRoom(caller, command);
    return room.ok ? answer(room.value) : room;
  },

  async joinRoom({ env, caller, params }) {
    const room = await roomOf(env, params.slug).commandRoom(caller, { op: "join" });
    return room.ok ? answer(room.value) : room;
  },

  async leaveRoom({ env, caller, params }) {
    const left = await roomOf(env, params.slug).command(caller, { op: "leave" }, null);
    return left.ok ? answerNothing() : left;
  },

  async listMembers({ env, caller, params, query }) {
    const members = await roomOf(env, params.slug).members(caller, query);
    return members.ok ? answer(members.value) : members;
  },

  async typing({ env, caller, params }) {
    const noted = await roomOf(env, params.slug).note(caller, { op: "typing" });
    return noted.ok ? answerNothing() : noted;
  },

  async markRead({ env, caller, params, body }) {
    const noted = await roomOf(env, params.slug).note(caller, { op: "read", seq: body.seq });
    return noted.ok ? answerNothing() : noted;
  },

  async createMessage({ env, caller, params, headers, body }) {
    const { text, replyTo } = body;
    const nonce = body.nonce ?? headers["idempotency-key"] ?? null;
    const written = await roomOf(env, params.slug).command(
      caller,
      { op: "send", text, replyTo },
      nonce,
    );
    return answerWritten(written, 201);
  },

  async editMessage({ env, caller, params, headers, body }) {
    const command: Command = { op: "edit", message: params.seq, text: body.text };
    const nonce = headers["idempotency-key"] ?? null;
    return answerWritten(await roomOf(env, params.slug).command(caller, command, nonce));
  },

  async deleteMessage({ env, caller, params, headers }) {
    const command: Command = { op: "delete", message: params.seq };
    const nonce = headers["idempotency-key"] ?? null;
    return answerWritten(await roomOf(env, params.slug).command(caller, command, nonce));
  },

  async addReaction({ env, caller, params, headers }) {
    const command: Command = { op: "react", message: params.seq, emoji: params.emoji };
    const nonce = headers["idempotency-key"] ?? null;
    return answerWritten(await roomOf(env, params.slug).command(caller, command, nonce));
  },

  async removeReaction({ env, caller, params, headers }) {
    const command: Command = { op: "unreact", message: params.seq, emoji: params.emoji };
    const nonce = headers["idempotency-key"] ?? null;
    return answerWritten(await roomOf(env, params.slug).command(caller, command, nonce));
  },
};
