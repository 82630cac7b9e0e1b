import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { CLOSE } from "../../protocol/closing.ts";
import type { Problem, Room } from "../../protocol/index.ts";
import { backchannel } from "../backchannel.ts";
import { place } from "../place/place.ts";
import { detailOf, problemIn } from "../problem.ts";
import type { Followed } from "../timeline/followed.ts";
import { loadRooms } from "./rooms.ts";

interface Why {
  title: string;
  words: string;
  /** Whether one may look in again. */
  again: boolean;
}

/** What one learns by asking for the room once more: it as it is for oneself now, or why not. */
function whyOf(followed: Followed, answer: Room | Problem | null): Why {
  const before = followed.room.value;
  if (answer !== null && "slug" in answer) {
    return {
      title: "You were removed from this room",
      words: "It is public: you may look in again, and join.",
      again: true,
    };
  }
  if (answer?.status === 403) {
    return { title: "You are banned from this room", words: detailOf(answer), again: false };
  }
  return {
    title: "You are no longer in this room",
    words:
      before === null || before.visibility === "private"
        ? "It is private. To come back, you need an invitation."
        : "It has turned private, or is there no more. To come back, you need an invitation.",
    again: false,
  };
}

/** Stands where the log was, once the room is not for oneself any more. */
export function Ended({ followed }: { followed: Followed }) {
  const why = useSignal<Why | null>(null);
  const state = followed.state.value;
  const wasIn = followed.room.value !== null;
  const problem = state.is === "closed" ? state.problem : null;
  useEffect(() => {
    void loadRooms();
    if (!wasIn) return;
    backchannel.room(followed.slug).then(
      (room) => (why.value = whyOf(followed, room)),
      (error: unknown) => (why.value = whyOf(followed, problemIn(error))),
    );
  }, [followed]);
  const isMissing = problem?.status === 404 || (state.is === "closed" && state.code === CLOSE.gone);
  const shown: Why | null = wasIn
    ? why.value
    : isMissing
      ? {
          title: "Nothing is here",
          words: "There is no such room, or it is private and you are not in it.",
          again: false,
        }
      : problem?.status === 403
        ? whyOf(followed, problem)
        : {
            title: "Nothing is here",
            words: (problem && detailOf(problem)) ?? "This room cannot be opened.",
            again: false,
          };
  if (shown === null) return <div class="nothing" />;
  return (
    <div class="nothing" role="alert">
      <h2>{shown.title}</h2>
      <p dir="auto">{shown.words}</p>
      {shown.again && (
        <button type="button" onClick={() => (place.value = { ...place.value })}>
          Look in again
        </button>
      )}
      {followed.slug !== "lobby" && <a href="/rooms/lobby">Go to the lobby</a>}
    </div>
  );
}
