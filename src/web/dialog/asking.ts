import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { errorAt, wordsFor } from "../problem.ts";

/** What is asked of the server for a form: whether it is under way, and what was wrong with it. */
export interface Asking {
  readonly busy: boolean;
  ask(what: () => Promise<unknown>): Promise<void>;
  /** What is wrong with a field. */
  at(path: string): string | null;
  /** What is wrong beside these fields, which say it themselves. */
  beside(...paths: string[]): string | null;
  forget(): void;
}

/** What the page itself has words for; the server's refusals have their own. */
export class Unable extends Error {}

const wordsIn = (error: unknown): string =>
  error instanceof Unable ? error.message : wordsFor(error);

export function useAsking(): Asking {
  const busy = useSignal(false);
  const wrong = useSignal<unknown>(null);
  return {
    get busy() {
      return busy.value;
    },
    async ask(what) {
      if (busy.peek()) return;
      busy.value = true;
      wrong.value = null;
      try {
        await what();
      } catch (error) {
        wrong.value = error;
      } finally {
        busy.value = false;
      }
    },
    at: (path) => errorAt(wrong.value, path),
    beside(...paths) {
      if (wrong.value === null) return null;
      return paths.some((path) => errorAt(wrong.value, path) !== null)
        ? null
        : wordsIn(wrong.value);
    },
    forget() {
      wrong.value = null;
    },
  };
}

/** A list that is asked for when it is drawn. */
export interface Listing<item> {
  /** Null while it has not come. */
  readonly items: readonly item[] | null;
  readonly failed: string | null;
  readonly reload: () => Promise<void>;
}

export function useListing<item>(read: () => Promise<readonly item[]>): Listing<item> {
  const items = useSignal<readonly item[] | null>(null);
  const failed = useSignal<string | null>(null);
  const reload = async () => {
    try {
      items.value = await read();
      failed.value = null;
    } catch (error) {
      failed.value = wordsFor(error);
    }
  };
  useEffect(() => void reload(), []);
  return {
    get items() {
      return items.value;
    },
    get failed() {
      return failed.value;
    },
    reload,
  };
}
