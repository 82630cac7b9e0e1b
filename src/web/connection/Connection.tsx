import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Followed } from "../timeline/followed.ts";
import { wordsOf } from "./rules.ts";

/** How the connection stands, in words. While all is well they are small and quiet. */
export function Connection({ followed }: { followed: Followed }) {
  const now = useSignal(Date.now());
  const state = followed.state.value;
  useEffect(() => {
    now.value = Date.now();
    if (state.is !== "waiting") return;
    const timer = setInterval(() => (now.value = Date.now()), 500);
    return () => clearInterval(timer);
  }, [state]);
  const { tone, words, retry, why, brief } = wordsOf(state, now.value);
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
  const state = followed.state.value;
  const words = state.is === "waiting" ? "Reconnecting" : wordsOf(state, 0).words;
  return (
    <div class="unseen" role="status">
      {words}
    </div>
  );
}
