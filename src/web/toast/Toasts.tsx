import { opened } from "../dialog/dialogs.ts";
import { toasts } from "./toasts.ts";

/** A dialog makes the page behind it inert, so each has a place for toasts, and one of them shows them. */
export function Toasts({ inDialog = false }: { inDialog?: boolean }) {
  const shows = inDialog === (opened.value !== null);
  return (
    <div class="toasts" role="status" aria-live="polite">
      {(shows ? toasts.value : []).map((toast) => (
        <div class="toast" key={toast.id}>
          <span>{toast.words}</span>
          {toast.action !== null && (
            <button
              type="button"
              onClick={() => {
                toast.action!.do();
                toasts.value = toasts.value.filter((each) => each.id !== toast.id);
              }}
            >
              {toast.action.words}
            </button>
          )}
        </div>
      ))}
    </div>
  );
}
