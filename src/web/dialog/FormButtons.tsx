/** The end of a form in a dialog: the way back, and the deed. */
export function FormButtons(props: {
  words: string;
  busy: boolean;
  onCancel: () => void;
  harsh?: boolean;
}) {
  return (
    <div class="buttons">
      <button type="button" onClick={props.onCancel}>
        Cancel
      </button>
      <button type="submit" class={props.harsh ? "danger" : "primary"} disabled={props.busy}>
        {props.words}
      </button>
    </div>
  );
}
