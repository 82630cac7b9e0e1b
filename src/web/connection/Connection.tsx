import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { ConnectionState } from "../../client/types.ts";
import type { Followed } from "../timeline/followed.ts";
import { isWorthWaiting, wordsOf } from "./rules.ts";

/** Less than it takes to wonder, more than a room needs to take over the stream of another. */
const SETTLES_MS = 300;

/** The state as it is to be told: a transport that is on its way to a better one is not news. */
function useSettled(state: ConnectionState): ConnectionState {
  const told = useRef(state);
  const late = useSignal<ConnectionState | null>(null);
  const waits = late.value !== state && isWorthWaiting(told.current, state);
  if (!waits) told.current = state;
  useEffect(() => {
    if (!waits) return;
    const timer = setTimeout(() => (late.value = state), SETTLES_MS);
    return () => clearTimeout(timer);
  }, [state, waits]);
  return told.current;
}

/** How the connection stands, in words. While all is well they are small and quiet. */
export function Connection({ followed }: { followed: Followed }) {
  const ticks = useSignal(0);
  const state = useSettled(followed.state.value);
  useEffect(() => {
    if (state.is !== "waiting") return;
    const timer = setInterval(() => (ticks.value += 1), 500);
    return () => clearInterval(timer);
  }, [state]);
  // Read so that each tick draws anew; what is drawn is the time now, not at the last tick.
  void ticks.value;
  const { tone, words, retry, why, brief } = wordsOf(state, Date.now());
  return (
    <div class={`connection ${tone} ${brief ? "low" : ""}`} title={why}>
      <span class="connection-dot" aria-hidden="true" />
      <span class="connection-words">{words}</span>
      {brief && <span class="connection-brief">{brief}</span>}
      {retry && (
        <button type="button" class="plain" onClick={() => followed.feed.reconnect()}>
          Try now
        </button>
      )}
    </div>
  );
}

/** The same for screen readers: told when it changes, not at every second of a countdown. */
export function ConnectionNews({ followed }: { followed: Followed }) {
  const state = useSettled(followed.state.value);
  const words = state.is === "waiting" ? "Reconnecting" : wordsOf(state, 0).words;
  return (
    <div class="unseen" role="status">
      {words}
    </div>
  );
}
