import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { CrossIcon } from "../icons.tsx";
import { Toasts } from "../toast/Toasts.tsx";
import { close, isHeld, opened } from "./dialogs.ts";

/** What a dialog was about is there no more: neither is the dialog. */
export function Gone() {
  useEffect(close, []);
  return null;
}

/** A modal dialog. The browser keeps the focus in it and gives it back. */
export function Dialog(props: {
  title: string;
  children: ComponentChildren;
  kind?: "plain" | "sheet" | "wide" | "sections";
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useId();
  const [mine] = useState(() => opened.peek());
  useEffect(() => {
    const element = dialog.current!;
    element.showModal();
    return () => element.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      class={`dialog ${props.kind ?? "plain"}`}
      aria-labelledby={title}
      onCancel={(event) => {
        if (!isHeld.peek()) return;
        event.preventDefault();
        close();
      }}
      // Told a moment later, when another dialog may be open already.
      onClose={() => {
        if (opened.peek() !== mine) return;
        // A browser lets nobody refuse twice that a dialog is cancelled; then it is opened again.
        if (isHeld.peek()) dialog.current?.showModal();
        close();
      }}
      onClick={(event) => {
        // Only the backdrop is the dialog element itself: its content covers the rest.
        if (event.target === dialog.current) close();
      }}
    >
      <div class="dialog-box">
        <header class="dialog-head">
          <h2 id={title}>{props.title}</h2>
          <button type="button" class="icon-button" aria-label="Close" onClick={close}>
            <CrossIcon />
          </button>
        </header>
        {props.children}
      </div>
      <Toasts inDialog />
    </dialog>
  );
}
