import { signal } from "@preact/signals";

export interface Toast {
  id: number;
  words: string;
  action: { words: string; do: () => void } | null;
}

export const toasts = signal<readonly Toast[]>([]);

let made = 0;
const STAYS_MS = 6000;

/** Says something for a while. Returns what takes it away. */
export function say(words: string, action: Toast["action"] = null, stays = STAYS_MS): () => void {
  const id = ++made;
  toasts.value = [...toasts.value.slice(-2), { id, words, action }];
  const away = () => {
    clearTimeout(timer);
    toasts.value = toasts.value.filter((toast) => toast.id !== id);
  };
  const timer = setTimeout(away, stays);
  return away;
}
