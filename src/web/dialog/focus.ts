import { useEffect, useRef } from "preact/hooks";

/**
 * After a form was sent: to the field that is wrong, the first of them, once that is drawn. Where
 * the form alone says that something is, to what is likeliest.
 */
export function turnToWrong(form: EventTarget | null, likeliest = '[type="submit"]'): void {
  if (!(form instanceof HTMLFormElement)) return;
  setTimeout(() => {
    const isWrong = form.querySelector(".wrong.whole:not(:empty)") !== null;
    const wrong =
      form.querySelector<HTMLElement>('[aria-invalid="true"]') ??
      (isWrong ? form.querySelector<HTMLElement>(likeliest) : null);
    wrong?.focus();
  });
}

/** Whether nothing has the focus: what had it is there no more, or takes it no more. */
export function isFocusLost(): boolean {
  const at = document.activeElement;
  return at === null || at === document.body || at.matches(":disabled, dialog");
}

/** When one step has come in place of another, and the focus went with that: to where they stand. */
export function useFooting(step: unknown): void {
  const last = useRef(step);
  useEffect(() => {
    if (last.current === step) return;
    last.current = step;
    if (isFocusLost()) document.querySelector<HTMLElement>(".section")?.focus();
  }, [step]);
}
