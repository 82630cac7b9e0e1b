import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { me } from "../session/session.ts";
import type { Followed } from "../timeline/followed.ts";
import { secondsToWait } from "./rules.ts";

/** When one's last message left, by this machine's clock; null: none that is known. */
function lastSent(followed: Followed, seen: Map<number, number>): number | null {
  const waiting = followed.pending.value.findLast((each) => each.status.is !== "failed");
  if (waiting !== undefined) return waiting.at;
  const last = followed.items.value.findLast(
    (item) => item.is === "message" && item.author.id === me.value?.id,
  );
  if (last === undefined) return null;
  // The server's clock may be ahead of this one: it was sent when it was seen, at the latest.
  if (!seen.has(last.seq)) seen.set(last.seq, Math.min(last.time, Date.now()));
  return seen.get(last.seq)!;
}

/** In slow mode: how many seconds until one may write again. It is counted down. */
export function useSlowMode(followed: Followed): number {
  const seen = useRef(new Map<number, number>()).current;
  const ticks = useSignal(0);
  void ticks.value;
  const room = followed.room.value;
  const waits =
    room !== null && room.slowMode > 0 && (room.role === null || room.role === "member");
  const left = waits ? secondsToWait(room.slowMode, lastSent(followed, seen), Date.now()) : 0;
  useEffect(() => {
    if (left === 0) return;
    const timer = setTimeout(() => (ticks.value += 1), 1000);
    return () => clearTimeout(timer);
  });
  return left;
}
