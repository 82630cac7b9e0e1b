import data from "emoji-picker-element-data/en/github/data.json?url";
import type { Emoji } from "./rules.ts";

/** Where the emoji list lies: an asset of this page's own, loaded when first needed. */
export const emojiAddress = data;

let loading: Promise<readonly Emoji[]> | null = null;

export function allEmoji(): Promise<readonly Emoji[]> {
  loading ??= fetch(emojiAddress)
    .then((answer) => {
      if (!answer.ok) throw new Error(`the emoji list answered ${answer.status}`);
      return answer.json() as Promise<readonly Emoji[]>;
    })
    .catch((error: unknown) => {
      loading = null;
      throw error;
    });
  return loading;
}
