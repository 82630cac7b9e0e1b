import type { Operation } from "../../../src/protocol/index.ts";

/** What is asked for; a body by a number that is another one each time. */
export interface Asked {
  path?: Record<string, string>;
  /** Whom it is done to; the author of the room's message, if nobody is named. */
  whom?: "muted" | "banned";
  query?: string;
  body?: unknown;
  bodyOf?: (time: number) => unknown;
  headers?: Record<string, string>;
}

/** An answer's status for each of `KINDS`, in a public and in a private room. */
export interface RoomRow extends Asked {
  public: string;
  private: string;
}

/*
 * nobody guest outsider | member muted banned | moderator owner | read write moderate admin | another room, revoked
 */
const EVENTS = { "content-type": "text/event-stream" };
const SOCKET = { upgrade: "websocket" };

export const ROOM_ROWS: Record<string, RoomRow> = {
  readRoom: {
    public: "200 200 200 | 200 200 403 | 200 200 | 200 200 200 200 | 200 401",
    private: "404 404 404 | 200 200 404 | 200 200 | 200 404 404 200 | 404 401",
  },
  changeRoom: {
    body: { topic: "something else" },
    public: "401 403 403 | 403 403 403 | 403 200 | 403 403 403 200 | 403 401",
    private: "401 404 404 | 403 403 404 | 403 200 | 403 403 403 200 | 403 401",
  },
  deleteRoom: {
    public: "401 403 403 | 403 403 403 | 403 204 | 403 403 403 204 | 403 401",
    private: "401 404 404 | 403 403 404 | 403 204 | 403 403 403 204 | 403 401",
  },
  joinRoom: {
    public: "401 200 200 | 200 200 403 | 200 200 | 403 200 403 200 | 403 401",
    private: "401 404 404 | 200 200 404 | 200 200 | 403 200 403 200 | 403 401",
  },
  leaveRoom: {
    public: "401 204 204 | 204 204 403 | 204 403 | 403 403 403 403 | 403 401",
    private: "401 404 404 | 204 204 404 | 204 403 | 403 403 403 403 | 403 401",
  },
  listMembers: {
    public: "401 200 200 | 200 200 403 | 200 200 | 200 403 403 200 | 403 401",
    private: "401 404 404 | 200 200 404 | 200 200 | 200 403 403 200 | 403 401",
  },
  readEvents: {
    public: "200 200 200 | 200 200 403 | 200 200 | 200 200 200 200 | 200 401",
    private: "404 404 404 | 200 200 404 | 200 200 | 200 404 404 200 | 404 401",
  },
  followRoom: {
    headers: SOCKET,
    public: "101 101 101 | 101 101 403 | 101 101 | 101 101 101 101 | 101 401",
    private: "404 404 404 | 101 101 404 | 101 101 | 101 404 404 101 | 404 401",
  },
  followStream: {
    headers: EVENTS,
    public: "200 200 200 | 200 200 403 | 200 200 | 200 200 200 200 | 200 401",
    private: "404 404 404 | 200 200 404 | 200 200 | 200 404 404 200 | 404 401",
  },
  typing: {
    public: "401 204 204 | 204 403 403 | 204 204 | 403 204 403 204 | 403 401",
    private: "401 404 404 | 204 403 404 | 204 204 | 403 204 403 204 | 403 401",
  },
  markRead: {
    body: { seq: 1 },
    public: "401 204 204 | 204 204 403 | 204 204 | 403 204 403 204 | 403 401",
    private: "401 404 404 | 204 204 404 | 204 204 | 403 204 403 204 | 403 401",
  },
  createMessage: {
    body: { text: "hello" },
    public: "401 201 201 | 201 403 403 | 201 201 | 403 201 403 201 | 403 401",
    private: "401 404 404 | 201 403 404 | 201 201 | 403 201 403 201 | 403 401",
  },
  editMessage: {
    body: { text: "hello, all" },
    public: "401 403 403 | 403 403 403 | 403 403 | 403 403 403 403 | 403 401",
    private: "401 404 404 | 403 403 404 | 403 403 | 403 403 403 403 | 403 401",
  },
  deleteMessage: {
    public: "401 403 403 | 403 403 403 | 200 200 | 403 403 200 200 | 403 401",
    private: "401 404 404 | 403 403 404 | 200 200 | 403 403 200 200 | 403 401",
  },
  addReaction: {
    public: "401 200 200 | 200 403 403 | 200 200 | 403 200 403 200 | 403 401",
    private: "401 404 404 | 200 403 404 | 200 200 | 403 200 403 200 | 403 401",
  },
  /* The reaction is the author's: nobody else has one to take back. */
  removeReaction: {
    public: "401 404 404 | 404 403 403 | 404 404 | 403 404 403 404 | 403 401",
    private: "401 404 404 | 404 403 404 | 404 404 | 403 404 403 404 | 403 401",
  },
  setRole: {
    body: { role: "moderator" },
    public: "401 403 403 | 403 403 403 | 403 200 | 403 403 403 200 | 403 401",
    private: "401 404 404 | 403 403 404 | 403 200 | 403 403 403 200 | 403 401",
  },
  removeMember: {
    public: "401 403 403 | 403 403 403 | 204 204 | 403 403 204 204 | 403 401",
    private: "401 404 404 | 403 403 404 | 204 204 | 403 403 204 204 | 403 401",
  },
  listBans: {
    public: "401 403 403 | 403 403 403 | 200 200 | 403 403 200 200 | 403 401",
    private: "401 404 404 | 403 403 404 | 200 200 | 403 403 200 200 | 403 401",
  },
  ban: {
    body: { reason: "spam", expiresIn: 60 },
    public: "401 403 403 | 403 403 403 | 200 200 | 403 403 200 200 | 403 401",
    private: "401 404 404 | 403 403 404 | 200 200 | 403 403 200 200 | 403 401",
  },
  unban: {
    whom: "banned",
    public: "401 403 403 | 403 403 403 | 204 204 | 403 403 204 204 | 403 401",
    private: "401 404 404 | 403 403 404 | 204 204 | 403 403 204 204 | 403 401",
  },
  listMutes: {
    public: "401 403 403 | 403 403 403 | 200 200 | 403 403 200 200 | 403 401",
    private: "401 404 404 | 403 403 404 | 200 200 | 403 403 200 200 | 403 401",
  },
  mute: {
    body: {},
    public: "401 403 403 | 403 403 403 | 200 200 | 403 403 200 200 | 403 401",
    private: "401 404 404 | 403 403 404 | 200 200 | 403 403 200 200 | 403 401",
  },
  unmute: {
    whom: "muted",
    public: "401 403 403 | 403 403 403 | 204 204 | 403 403 204 204 | 403 401",
    private: "401 404 404 | 403 403 404 | 204 204 | 403 403 204 204 | 403 401",
  },
  createInvite: {
    body: { uses: 1 },
    public: "401 403 403 | 403 403 403 | 201 201 | 403 403 201 201 | 403 401",
    private: "401 404 404 | 403 403 404 | 201 201 | 403 403 201 201 | 403 401",
  },
  listInvites: {
    public: "401 403 403 | 403 403 403 | 200 200 | 403 403 200 200 | 403 401",
    private: "401 404 404 | 403 403 404 | 200 200 | 403 403 200 200 | 403 401",
  },
  deleteInvite: {
    public: "401 403 403 | 403 403 403 | 204 204 | 403 403 204 204 | 403 401",
    private: "401 404 404 | 403 403 404 | 204 204 | 403 403 204 204 | 403 401",
  },
  readAudit: {
    public: "401 403 403 | 403 403 403 | 200 200 | 403 403 200 200 | 403 401",
    private: "401 404 404 | 403 403 404 | 200 200 | 403 403 200 200 | 403 401",
  },
  /* Whoever has the code is told what it leads to. */
  readInvitation: {
    public: "200 200 200 | 200 200 200 | 200 200 | 200 200 200 200 | 200 401",
    private: "200 200 200 | 200 200 200 | 200 200 | 200 200 200 200 | 200 401",
  },
  acceptInvitation: {
    public: "401 200 200 | 200 200 403 | 200 200 | 403 200 403 200 | 403 401",
    private: "401 200 200 | 200 200 404 | 200 200 | 403 200 403 200 | 403 401",
  },
} satisfies Partial<Record<Operation, RoomRow>>;

export interface AccountRow extends Asked {
  answers: string;
}

/** A passkey's answer that is none. */
const credential = {
  id: "AAAA",
  rawId: "AAAA",
  type: "public-key",
  clientExtensionResults: {},
  response: {
    clientDataJSON: "AAAA",
    attestationObject: "AAAA",
    authenticatorData: "AAAA",
    signature: "AAAA",
  },
};
const made = {
  ...credential,
  response: { clientDataJSON: "AAAA", attestationObject: "AAAA" },
};
const shown = {
  ...credential,
  response: { clientDataJSON: "AAAA", authenticatorData: "AAAA", signature: "AAAA" },
};

export const ACCOUNT_ROWS: Record<string, AccountRow> = {
  readHealth: { answers: "200 200 200 | 200 200 200 | 200 200 | 200 200 200 200 | 200 401" },
  readDeployment: { answers: "200 200 200 | 200 200 200 | 200 200 | 200 200 200 200 | 200 401" },
  changeDeployment: {
    body: { guests: false },
    answers: "401 403 403 | 403 403 403 | 403 403 | 403 403 403 403 | 403 401",
  },
  ownDeployment: {
    body: { code: "guessed" },
    answers: "401 403 403 | 403 403 403 | 403 403 | 403 403 403 403 | 403 401",
  },
  createSignUpInvite: {
    body: {},
    answers: "401 403 403 | 403 403 403 | 403 403 | 403 403 403 403 | 403 401",
  },
  listSignUpInvites: {
    answers: "401 403 403 | 403 403 403 | 403 403 | 403 403 403 403 | 403 401",
  },
  deleteSignUpInvite: {
    path: { invite: "i_0123456789abcdef" },
    answers: "401 403 403 | 403 403 403 | 403 403 | 403 403 403 403 | 403 401",
  },
  createSession: {
    body: { name: "Ada" },
    answers: "201 201 201 | 201 201 201 | 201 201 | 403 403 403 403 | 403 401",
  },
  readSession: { answers: "401 200 200 | 200 200 200 | 200 200 | 200 200 200 200 | 200 401" },
  deleteSession: { answers: "204 204 204 | 204 204 204 | 204 204 | 403 403 403 403 | 403 401" },
  listSessions: { answers: "401 200 200 | 200 200 200 | 200 200 | 403 403 403 200 | 403 401" },
  endSession: {
    path: { session: "s_0123456789abcdefghjkmnpqrs" },
    answers: "401 404 404 | 404 404 404 | 404 404 | 403 403 403 404 | 403 401",
  },
  endSessions: { answers: "401 204 204 | 204 204 204 | 204 204 | 403 403 403 403 | 403 401" },
  startSignUp: {
    bodyOf: (time) => ({ handle: `somebody-${time}` }),
    answers: "200 200 403 | 403 403 403 | 403 403 | 403 403 403 403 | 403 401",
  },
  signUp: {
    bodyOf: (time) => ({ handle: `somebody-${time}`, credential: made }),
    answers: "400 400 403 | 403 403 403 | 403 403 | 403 403 403 403 | 403 401",
  },
  startSignIn: { answers: "200 200 200 | 200 200 200 | 200 200 | 403 403 403 403 | 403 401" },
  signIn: {
    body: { credential: shown },
    answers: "401 401 401 | 401 401 401 | 401 401 | 403 403 403 403 | 403 401",
  },
  signInByCode: {
    body: { code: "ABCD-EFGH-JKMN" },
    answers: "401 401 401 | 401 401 401 | 401 401 | 403 403 403 403 | 403 401",
  },
  recover: {
    body: { handle: "the-owner", code: "ABCD-EFGH-JKMN" },
    answers: "401 401 401 | 401 401 401 | 401 401 | 403 403 403 403 | 403 401",
  },
  /* No provider is set. */
  startOidc: {
    body: {},
    answers: "404 404 404 | 404 404 404 | 404 404 | 403 403 403 403 | 403 401",
  },
  finishOidc: { answers: "404 404 404 | 404 404 404 | 404 404 | 404 404 404 404 | 404 404" },
  readMe: { answers: "401 200 200 | 200 200 200 | 200 200 | 200 200 200 200 | 200 401" },
  changeMe: {
    body: { name: "Somebody" },
    answers: "401 200 200 | 200 200 200 | 200 200 | 403 403 403 200 | 403 401",
  },
  deleteMe: {
    query: "?messages=keep",
    answers: "401 204 204 | 204 204 204 | 204 204 | 403 403 403 403 | 403 401",
  },
  exportMe: { answers: "401 200 200 | 200 200 200 | 200 200 | 403 403 403 403 | 403 401" },
  createRecoveryCode: {
    answers: "401 403 201 | 201 201 201 | 201 201 | 403 403 403 403 | 403 401",
  },
  createSignInCode: { answers: "401 403 201 | 201 201 201 | 201 201 | 403 403 403 403 | 403 401" },
  readUser: { answers: "401 200 200 | 200 200 200 | 200 200 | 200 403 403 200 | 200 401" },
  listPasskeys: { answers: "401 200 200 | 200 200 200 | 200 200 | 403 403 403 200 | 403 401" },
  startPasskey: { answers: "401 403 200 | 200 200 200 | 200 200 | 403 403 403 403 | 403 401" },
  addPasskey: {
    body: { credential: made },
    answers: "401 403 400 | 400 400 400 | 400 400 | 403 403 403 403 | 403 401",
  },
  renamePasskey: {
    path: { passkey: "AAAA" },
    body: { name: "phone" },
    answers: "401 404 404 | 404 404 404 | 404 404 | 403 403 403 403 | 403 401",
  },
  removePasskey: {
    path: { passkey: "AAAA" },
    answers: "401 404 404 | 404 404 404 | 404 404 | 403 403 403 403 | 403 401",
  },
  createToken: {
    body: { name: "ci", scopes: ["read"] },
    answers: "401 201 201 | 201 201 201 | 201 201 | 403 403 403 201 | 403 401",
  },
  listTokens: { answers: "401 200 200 | 200 200 200 | 200 200 | 403 403 403 200 | 403 401" },
  deleteToken: {
    path: { token: "t_0123456789abcdef" },
    answers: "401 404 404 | 404 404 404 | 404 404 | 403 403 403 404 | 403 401",
  },
  createBot: {
    bodyOf: (time) => ({ handle: `bot-${time}` }),
    answers: "401 403 201 | 201 201 201 | 201 201 | 403 403 403 201 | 403 401",
  },
  listBots: { answers: "401 200 200 | 200 200 200 | 200 200 | 403 403 403 200 | 403 401" },
  changeBot: {
    path: { bot: "u_0123456789abcdef" },
    body: { name: "Bot" },
    answers: "401 404 404 | 404 404 404 | 404 404 | 403 403 403 404 | 403 401",
  },
  deleteBot: {
    path: { bot: "u_0123456789abcdef" },
    query: "?messages=keep",
    answers: "401 404 404 | 404 404 404 | 404 404 | 403 403 403 404 | 403 401",
  },
  listRooms: { answers: "200 200 200 | 200 200 200 | 200 200 | 200 200 200 200 | 200 401" },
  createRoom: {
    bodyOf: (time) => ({ slug: `room-${time}` }),
    answers: "401 201 201 | 201 201 201 | 201 201 | 403 201 403 201 | 403 401",
  },
} satisfies Partial<Record<Operation, AccountRow>>;
