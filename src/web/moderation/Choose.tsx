import { useId } from "preact/hooks";

/** A field with plain choices. */
export function Choose<value extends number | string | null>(props: {
  label: string;
  value: value;
  choices: readonly { value: value; words: string }[];
  onChange: (to: value) => void;
  hint?: string;
}) {
  const id = useId();
  const at = props.choices.findIndex(({ value }) => value === props.value);
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      <select
        id={id}
        value={String(at)}
        aria-describedby={props.hint === undefined ? undefined : `${id}-hint`}
        onChange={(event) =>
          props.onChange(props.choices[Number(event.currentTarget.value)]!.value)
        }
      >
        {props.choices.map(({ words }, index) => (
          <option key={words} value={String(index)}>
            {words}
          </option>
        ))}
      </select>
      {props.hint !== undefined && (
        <p id={`${id}-hint`} class="hint">
          {props.hint}
        </p>
      )}
    </div>
  );
}
