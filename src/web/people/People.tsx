import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Member } from "../../protocol/index.ts";
import { backchannel } from "../backchannel.ts";
import { Dialog, Gone } from "../dialog/Dialog.tsx";
import { ranked } from "../moderation/rules.ts";
import { followed } from "../rooms/rooms.ts";
import { me } from "../session/session.ts";
import { Somebody } from "./Somebody.tsx";

/** Who is here now, and who else belongs here. */
export function People({ slug }: { slug: string }) {
  const each = followed.value.get(slug);
  const members = useSignal<readonly Member[]>([]);
  const more = useSignal(false);
  useEffect(() => {
    if (me.value == null) return;
    backchannel.members(slug, { limit: 200 }).then(
      (page) => {
        members.value = page.members;
        more.value = page.next !== null;
      },
      () => undefined,
    );
  }, [slug]);
  if (each === undefined) return <Gone />;
  const { users, count } = each.presence.value;
  const here = new Set(users.map((user) => user.id));
  const away = ranked(members.value.filter(({ user }) => !here.has(user.id)));
  const role = new Map(members.value.map((member) => [member.user.id, member.role]));
  const listed = users.length > 0;
  return (
    <Dialog title="People">
      <h3>
        Here now <span class="count">{count}</span>
      </h3>
      {!listed && count > 0 && <p class="aside">Too many to list by name.</p>}
      <ul class="people">
        {users.map((user) => (
          <Somebody key={user.id} slug={slug} user={user} role={role.get(user.id)} from="people" />
        ))}
      </ul>
      {listed && away.length > 0 && (
        <>
          <h3>
            Away{" "}
            <span class="count">
              {away.length}
              {more.value ? "+" : ""}
            </span>
          </h3>
          <ul class="people away">
            {away.map(({ user, role: is }) => (
              <Somebody key={user.id} slug={slug} user={user} role={is} from="people" />
            ))}
          </ul>
        </>
      )}
    </Dialog>
  );
}
