import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { CopyIcon } from "../icons.tsx";

/** Something to be taken elsewhere as it is: a code, a link, a token. */
export function Secret(props: { value: string; name: string; large?: boolean }) {
  const shown = useRef<HTMLElement>(null);
  const copied = useSignal<"no" | "yes" | "by hand">("no");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(props.value);
      copied.value = "yes";
    } catch {
      // Pages on plain http have no clipboard.
      getSelection()?.selectAllChildren(shown.current!);
      copied.value = "by hand";
    }
  };
  return (
    <div class="secret" role="group" aria-label={props.name}>
      <code ref={shown} class={props.large ? "large" : ""}>
        {props.value}
      </code>
      <button type="button" aria-label={`Copy the ${props.name.toLowerCase()}`} onClick={copy}>
        <CopyIcon /> {copied.value === "yes" ? "Copied" : "Copy"}
      </button>
      <span class="unseen" role="status">
        {copied.value === "yes" && "Copied"}
        {copied.value === "by hand" && "It is selected: copy it with Ctrl+C"}
      </span>
      {copied.value === "by hand" && <p class="hint">It is selected. Copy it with Ctrl+C.</p>}
    </div>
  );
}

/** Gives a text to the browser's downloads. */
export function download(name: string, type: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
