import { useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import { allEmoji } from "../emoji/emoji.ts";
import { emojiNamed, findEmoji, type FoundEmoji } from "../emoji/rules.ts";
import { closedAt, completingAt, replaced, type Completing } from "./rules.ts";

const SHOWN = 8;

interface Offer {
  at: Completing;
  found: readonly FoundEmoji[];
  chosen: number;
}

/** `:name` in the field: offers emoji as one types, and puts the chosen one in its place. */
export function useCompletion(
  area: RefObject<HTMLTextAreaElement | null>,
  put: (text: string, caret: number) => void,
) {
  const offer = useSignal<Offer | null>(null);

  const end = () => {
    offer.value = null;
  };

  const look = () => {
    const element = area.current;
    if (element === null) return;
    const { value, selectionStart, selectionEnd } = element;
    const at = selectionStart === selectionEnd ? completingAt(value, selectionStart) : null;
    const closed = closedAt(value, selectionStart);
    if (at === null && closed === null) return end();
    void allEmoji().then(
      (all) => {
        // One has typed on while the list came.
        if (area.current !== element || element.value !== value) return;
        if (closed !== null) {
          const emoji = emojiNamed(all, closed.query);
          if (emoji !== null) {
            const next = replaced(value, closed.start, selectionStart, emoji);
            put(next.text, next.caret);
          }
          return end();
        }
        const found = findEmoji(all, at!.query, SHOWN);
        const same = offer.value?.at.query === at!.query;
        offer.value =
          found.length === 0 ? null : { at: at!, found, chosen: same ? offer.value!.chosen : 0 };
      },
      () => end(),
    );
  };

  const take = (index: number) => {
    const { at, found } = offer.value!;
    const element = area.current!;
    const next = replaced(
      element.value,
      at.start,
      element.selectionStart,
      `${found[index]!.emoji} `,
    );
    put(next.text, next.caret);
    end();
  };

  /** Whether the key was for the offer. */
  const key = (event: KeyboardEvent): boolean => {
    const now = offer.value;
    if (now === null) return false;
    const count = now.found.length;
    switch (event.key) {
      case "ArrowDown":
        offer.value = { ...now, chosen: (now.chosen + 1) % count };
        break;
      case "ArrowUp":
        offer.value = { ...now, chosen: (now.chosen + count - 1) % count };
        break;
      case "Enter":
      case "Tab":
        if (event.shiftKey) return false;
        take(now.chosen);
        break;
      case "Escape":
        end();
        break;
      default:
        return false;
    }
    event.preventDefault();
    return true;
  };

  const now = offer.value;
  return {
    end,
    look,
    key,
    attributes: {
      "aria-autocomplete": "list",
      "aria-controls": now === null ? undefined : "emoji-offer",
      "aria-activedescendant": now === null ? undefined : `emoji-offer-${now.chosen}`,
    } as const,
    list: (
      <ul id="emoji-offer" class="offer" role="listbox" aria-label="Emoji" hidden={now === null}>
        {now?.found.map(({ emoji, name }, index) => (
          <li
            key={name}
            id={`emoji-offer-${index}`}
            role="option"
            aria-selected={index === now.chosen}
            // The field must keep the focus, or it would take the offer away before the click.
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => take(index)}
          >
            <span class="offer-emoji">{emoji}</span> :{name}:
          </li>
        ))}
      </ul>
    ),
  };
}
