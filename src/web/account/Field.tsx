import type { Ref } from "preact";

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
  field?: Ref<HTMLInputElement>;
}) {
  const { id, wrong = null, hint } = props;
  const input = (
    <input
      ref={props.field ?? null}
      id={id}
      value={props.value}
      autofocus={props.autofocus ?? false}
      autocomplete={props.autocomplete ?? "off"}
      autocapitalize={props.exact ? "none" : "sentences"}
      spellcheck={false}
      maxLength={props.maxLength ?? 200}
      aria-invalid={wrong !== null}
      aria-describedby={hint === undefined ? `${id}-wrong` : `${id}-hint ${id}-wrong`}
      onInput={(event) => props.onInput(event.currentTarget.value)}
    />
  );
  return (
    <div class="field">
      <label for={id}>
        {props.label} {props.optional && <span class="optional">optional</span>}
      </label>
      {props.prefix === undefined ? (
        input
      ) : (
        <div class="prefixed">
          <span aria-hidden="true">{props.prefix}</span>
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
