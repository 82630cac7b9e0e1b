import { toasts } from "./toasts.ts";

export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map((toast) => (
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
