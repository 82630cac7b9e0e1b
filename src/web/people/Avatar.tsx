import type { User } from "../../protocol/index.ts";
import { hueOf, initialsOf } from "./rules.ts";

/** Initials on a colour that is the same person's everywhere. Guests' have a dashed edge. */
export function Avatar({ user, small = false }: { user: User; small?: boolean }) {
  return (
    <span
      class={`avatar ${user.kind}${small ? " small" : ""}`}
      style={{ "--hue": String(hueOf(user)) }}
      aria-hidden="true"
      // Drawn by the style: as text they would have to be part of the name of what they stand in.
      data-initials={initialsOf(user.name)}
    />
  );
}

/** A name as it may be shown: apart from the words around it, whatever signs are in it. */
export function Name({ user }: { user: User }) {
  return (
    <>
      <bdi class="name">{user.name}</bdi>
      {user.kind !== "member" && <span class="kind">{user.kind}</span>}
    </>
  );
}
