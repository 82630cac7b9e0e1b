import type { Role, User } from "../../protocol/index.ts";
import { open as openDialog } from "../dialog/dialogs.ts";
import { me } from "../session/session.ts";
import { Avatar, Name } from "./Avatar.tsx";

/** One line of a list of people. It leads to who that is, for who is signed in. */
export function Somebody(props: {
  slug: string;
  user: User;
  role: Role | undefined;
  from: "people" | "members";
}) {
  const { slug, user, role, from } = props;
  const who = (
    <>
      <Avatar user={user} />
      <span class="person-name">
        <Name user={user} />
        {user.handle !== undefined && <span class="handle">@{user.handle}</span>}
      </span>
      {user.id === me.value?.id && <span class="optional">you</span>}
      {role !== undefined && role !== "member" && <span class={`role ${role}`}>{role}</span>}
    </>
  );
  return (
    <li>
      {me.value == null ? (
        <span class="person">{who}</span>
      ) : (
        <button
          type="button"
          class="person"
          onClick={() => openDialog({ is: "person", slug, user, from })}
        >
          {who}
        </button>
      )}
    </li>
  );
}
