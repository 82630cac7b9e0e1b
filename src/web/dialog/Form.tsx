import type { ComponentChildren } from "preact";
import { turnToWrong } from "./focus.ts";

/** A form with fields. What is wrong after its deed gets the focus; `likeliest` says where to look first. */
export function Form(props: {
  act: () => Promise<void>;
  likeliest?: string;
  children: ComponentChildren;
}) {
  return (
    <form
      class="fields"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const form = event.currentTarget;
        void props.act().then(() => turnToWrong(form, props.likeliest));
      }}
    >
      {props.children}
    </form>
  );
}
