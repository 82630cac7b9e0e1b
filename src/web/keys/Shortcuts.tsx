import { Dialog } from "../dialog/Dialog.tsx";

const SHORTCUTS: readonly [where: string, keys: readonly [keys: string, does: string][]][] = [
  [
    "Everywhere",
    [
      ["Ctrl K", "Go to a room"],
      ["Alt ↑ / Alt ↓", "Previous or next room"],
      ["F6 / Shift F6", "Next or previous part of the page"],
      ["Ctrl / or ?", "These shortcuts"],
    ],
  ],
  [
    "While writing",
    [
      ["Enter", "Send"],
      ["Shift Enter", "New line"],
      ["↑ in an empty field", "Edit your last message"],
      [":name", "Find an emoji"],
      ["Escape", "Stop editing or replying"],
    ],
  ],
  [
    "In the messages",
    [
      ["↑ ↓ Home End", "Move"],
      ["Enter", "Everything one can do"],
      ["R", "Reply"],
      ["E", "Edit"],
      ["A", "Add a reaction"],
      ["Delete", "Delete"],
      ["Escape", "Back to writing"],
    ],
  ],
];

export function Shortcuts() {
  return (
    <Dialog title="Keyboard shortcuts" kind="wide">
      <div class="shortcuts">
        {SHORTCUTS.map(([where, keys]) => (
          <section key={where}>
            <h3>{where}</h3>
            <dl>
              {keys.map(([key, does]) => (
                <div key={key}>
                  <dt>
                    <kbd>{key}</kbd>
                  </dt>
                  <dd>{does}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
