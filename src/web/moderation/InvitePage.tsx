import { useSignal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import type { Invitation, User } from "../../protocol/index.ts";
import { deploymentOf } from "../../client/deployment.ts";
import { backchannel } from "../backchannel.ts";
import { LockIcon } from "../icons.tsx";
import { Avatar, Name } from "../people/Avatar.tsx";
import { problemIn, wordsFor } from "../problem.ts";
import { beginAnew, enter, firstSlug } from "../rooms/rooms.ts";
import { dropCode } from "../place/codes.ts";
import { go } from "../place/place.ts";
import { deployment } from "../session/deployment.ts";
import { me } from "../session/session.ts";
import { Heading } from "../session/Heading.tsx";
import { NameForm } from "../session/SignIn.tsx";
import { Ways } from "../session/Ways.tsx";
import { momentOf } from "./times.ts";

type State =
  | { is: "loading" }
  | { is: "there"; invitation: Invitation }
  /** The tab has no code any more, or never had one. */
  | { is: "gone" }
  | { is: "invalid" }
  | { is: "failed"; words: string };

const directory = deploymentOf(backchannel);

/** What an invitation leads to, and the way in. */
export function InvitePage({ code }: { code: string }) {
  const state = useSignal<State>({ is: code === "" ? "gone" : "loading" });
  const look = async () => {
    try {
      state.value = { is: "there", invitation: await directory.invitation(code) };
    } catch (error) {
      const status = problemIn(error)?.status;
      state.value =
        status === 404 || status === 400
          ? { is: "invalid" }
          : { is: "failed", words: wordsFor(error) };
    }
  };
  useEffect(() => {
    if (code !== "") void look();
  }, [code]);
  switch (state.value.is) {
    case "loading":
      return <p class="lead">One moment…</p>;
    case "failed":
      return (
        <>
          <p class="lead" role="alert">
            {state.value.words}
          </p>
          <button type="button" onClick={() => void look()}>
            Try again
          </button>
        </>
      );
    case "gone":
      return (
        <>
          <Heading>Open the link again</Heading>
          <p class="lead">The code of this link is no longer here: open the link again.</p>
          <p class="aside">
            <a href="/rooms/lobby">Go to the lobby</a>
          </p>
        </>
      );
    case "invalid":
      return (
        <>
          <Heading>This invitation is not valid</Heading>
          <p class="lead" role="alert">
            It may be used up, over or revoked, or its link is not whole. Ask whoever sent it for a
            new one.
          </p>
          <p class="aside">
            <a href="/rooms/lobby">Go to the lobby</a>
          </p>
        </>
      );
    case "there": {
      const { invitation } = state.value;
      return (
        <>
          <About invitation={invitation} />
          <WayIn
            code={code}
            invitation={invitation}
            onInvalid={() => (state.value = { is: "invalid" })}
          />
        </>
      );
    }
  }
}

function About({ invitation: { by, room, expiresAt } }: { invitation: Invitation }) {
  return (
    <section class="invited" aria-label="The invitation">
      <p class="invited-by">
        <Avatar user={by} small />
        <span>
          <Name user={by} /> invites you to
        </span>
      </p>
      {room === null ? (
        <h2>Backchannel</h2>
      ) : (
        <>
          <h2>
            <bdi>{room.title}</bdi>
            {room.visibility === "private" && <LockIcon />}
          </h2>
          {room.topic !== "" && (
            <p>
              <bdi>{room.topic}</bdi>
            </p>
          )}
          <p class="aside">
            {room.visibility === "private"
              ? "A private room: only who is in it reads it"
              : "A public room: everybody may read it"}
            {" · "}
            {room.members} {room.members === 1 ? "member" : "members"}
          </p>
        </>
      )}
      <p class="aside">Good until {momentOf(expiresAt)}</p>
    </section>
  );
}

/** Joining for who is somebody; becoming somebody first for who is not. */
function WayIn(props: { code: string; invitation: Invitation; onInvalid: () => void }) {
  const { code, invitation } = props;
  const wrong = useSignal<string | null>(null);
  const busy = useSignal(false);
  const way = useSignal("start");
  const join = async () => {
    busy.value = true;
    wrong.value = null;
    try {
      const room = await directory.accept(code);
      dropCode("invite");
      enter(room);
    } catch (error) {
      if (problemIn(error)?.status === 404) props.onInvalid();
      else wrong.value = wordsFor(error);
    } finally {
      busy.value = false;
    }
  };
  // A new member's recovery code stands where the form stood, until it is kept: what a room's hello
  // tells of who one is by then changes nothing here.
  const [user, settle] = useState<User | null>(() => me.peek() ?? null);
  const arriveAndJoin = async (now: User) => {
    settle(now);
    me.value = now;
    beginAnew();
    if (invitation.room !== null) return await join();
    dropCode("invite");
    go(firstSlug(), { replace: true });
  };
  if (user !== null) {
    return (
      <>
        <p class="you">
          <Avatar user={user} /> <Name user={user} />
        </p>
        <p class="wrong" role="alert">
          {wrong.value}
        </p>
        {invitation.room !== null ? (
          <div class="buttons">
            <a class="button" href="/rooms/lobby">
              Not now
            </a>
            <button type="button" class="primary" disabled={busy.value} onClick={() => void join()}>
              Join the room
            </button>
          </div>
        ) : user.kind === "guest" ? (
          <Ways invite={code} begin="sign-up" onDone={(now) => void arriveAndJoin(now)} />
        ) : (
          <p class="aside">
            You have an account here already. <a href="/rooms/lobby">Go to the lobby</a>
          </p>
        )}
      </>
    );
  }
  const asGuest = invitation.room !== null && (deployment.value?.guests ?? true);
  return (
    <>
      {asGuest && way.value === "start" && (
        <>
          <NameForm focus onDone={arriveAndJoin} />
          <p class="or">or as a member</p>
        </>
      )}
      <Ways
        isFirst={!asGuest}
        invite={code}
        // One is not in the room by that alone. An invitation to sign up is used by then.
        {...(invitation.room === null ? {} : { to: "/invite" })}
        onWay={(to) => (way.value = to)}
        onDone={(now) => void arriveAndJoin(now)}
      />
    </>
  );
}
