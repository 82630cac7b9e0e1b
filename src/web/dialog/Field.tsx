import { useEffect, useRef } from "preact/hooks";

/** A line to type in, with its name above it and what is wrong with it below. */
export function Field(props: {
  id: string;
  label: string;
  value: string;
  onInput: (to: string) => void;
  wrong?: string | null;
  hint?: string;
  optional?: boolean;
  /** Stands before what is typed, and belongs to it. */
  prefix?: string;
  autofocus?: boolean;
  autocomplete?: string;
  maxLength?: number;
  /** Letters as they are typed: no capitals, no spelling. */
  exact?: boolean;
}) {
  const { id, wrong = null, hint, prefix = "" } = props;
  const field = useRef<HTMLInputElement>(null);
  // The attribute counts once in a page's life, and for what was there from the beginning.
  useEffect(() => {
    if (props.autofocus) field.current?.focus();
  }, []);
  const input = (
    <input
      ref={field}
      id={id}
      value={props.value}
      autofocus={props.autofocus ?? false}
      autocomplete={props.autocomplete ?? "off"}
      autocapitalize={props.exact ? "none" : "sentences"}
      spellcheck={false}
      maxLength={props.maxLength ?? 200}
      aria-invalid={wrong !== null}
      aria-describedby={hint === undefined ? `${id}-wrong` : `${id}-hint ${id}-wrong`}
      onInput={({ currentTarget: typed }) => {
        // It stands there already.
        if (prefix !== "" && typed.value.startsWith(prefix)) {
          typed.value = typed.value.slice(prefix.length);
        }
        props.onInput(typed.value);
      }}
    />
  );
  return (
    <div class="field">
      <label for={id}>
        {props.label} {props.optional && <span class="optional">optional</span>}
      </label>
      {prefix === "" ? (
        input
      ) : (
        <div class="prefixed">
          <span aria-hidden="true">{prefix}</span>
          {input}
        </div>
      )}
      {hint !== undefined && (
        <p id={`${id}-hint`} class="hint">
          {hint}
        </p>
      )}
      <p id={`${id}-wrong`} class="wrong" role="alert">
        {wrong}
      </p>
    </div>
  );
}

/** What is wrong with a form as a whole. */
export function Wrong({ words }: { words: string | null }) {
  return (
    <p class="wrong whole" role="alert">
      {words}
    </p>
  );
}
