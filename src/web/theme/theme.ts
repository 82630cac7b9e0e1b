import { effect, signal } from "@preact/signals";
import { keep, kept } from "../kept.ts";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const known = kept("theme");
export const theme = signal<Theme>(THEMES.find((each) => each === known) ?? "system");

const dark = matchMedia("(prefers-color-scheme: dark)");
const systemIsDark = signal(dark.matches);
dark.addEventListener("change", () => (systemIsDark.value = dark.matches));

effect(() => {
  const shown = theme.value === "system" ? (systemIsDark.value ? "dark" : "light") : theme.value;
  document.documentElement.dataset["theme"] = shown;
  document
    .querySelector('meta[name="theme-color"]')
    ?.setAttribute("content", shown === "dark" ? "#161917" : "#f6f4ee");
});

export function setTheme(to: Theme): void {
  theme.value = to;
  keep("theme", to === "system" ? null : to);
}
