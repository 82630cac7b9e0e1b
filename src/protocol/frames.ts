import { z } from "zod";
import { Emoji, type Event, EventPage, Text } from "./events.ts";
import { Cursor, Nonce, Seq } from "./ids.ts";
import type { Problem } from "./problems.ts";
import type { Room } from "./rooms.ts";
import type { User } from "./users.ts";

const nonce = Nonce.optional();

/** What a client may send on a socket, one JSON object in a text frame. */
export const ClientFrame = z
  .discriminatedUnion("op", [
    z.strictObject({ op: z.literal("send"), nonce: Nonce, text: Text, replyTo: Seq.optional() }),
    z.strictObject({ op: z.literal("edit"), nonce, message: Seq, text: Text }),
    z.strictObject({ op: z.literal("delete"), nonce, message: Seq }),
    z.strictObject({ op: z.literal("react"), nonce, message: Seq, emoji: Emoji }),
    z.strictObject({ op: z.literal("unreact"), nonce, message: Seq, emoji: Emoji }),
    z.strictObject({ op: z.literal("typing"), nonce }),
    z.strictObject({ op: z.literal("read"), nonce, seq: Seq }),
  ])
  .meta({ id: "ClientFrame", description: "A frame from a client." });
export type ClientFrame = z.infer<typeof ClientFrame>;
export type ClientOp = ClientFrame["op"];

/** Live and unrecorded: no seq, never replayed. */
export type Signal =
  /** Somebody is writing; true for about five seconds after it came. */
  | { op: "signal"; type: "typing"; user: User }
  /**
   * Who came and who went since the last of these, and how many people are here now.
   * Above 200 people there is only the count, and the list one has no longer holds:
   * `present` comes again, whole, when they are 200 or fewer.
   */
  | {
      op: "signal";
      type: "presence";
      count: number;
      came?: User[];
      went?: User["id"][];
      present?: User[];
    }
  /** How far oneself has read, from another tab or device of one's own. */
  | { op: "signal"; type: "read"; seq: number }
  /** The room as oneself sees it now: one was muted, or may write again, or has another role. */
  | { op: "signal"; type: "room"; room: Room };

export interface Hello {
  op: "hello";
  you: User | null;
  room: Room;
  /** Everybody here, oneself included; empty above 200 people. */
  present: User[];
  count: number;
  /** How far this user has read, 0 for who is not a member. */
  read: number;
}

/** What the server sends on a socket. */
export type ServerFrame =
  | Hello
  | { op: "events"; events: Event[] }
  | { op: "ack"; nonce?: string; seq: number }
  | { op: "fail"; nonce?: string; problem: Problem }
  | Signal;

/** An answer of the log; where signals are asked for, with what a socket would have been told besides. */
export const HeldPage = EventPage.extend({
  hello: z.looseObject({ op: z.literal("hello") }).optional(),
  signals: z.array(z.looseObject({ op: z.literal("signal") })).optional(),
}).meta({ id: "HeldPage" });
export type HeldPage = EventPage & { hello?: Hello; signals?: Signal[] };

/** How far one has read. */
export const ReadMark = z.strictObject({ seq: Cursor }).meta({ id: "ReadMark" });
export type ReadMark = z.infer<typeof ReadMark>;
