import { parse } from "bowser";
import { isShowable } from "../../protocol/index.ts";

const LONGEST = 60;

/** What a `User-Agent` tells of a device, as its owner would name it: "Firefox on Linux". */
export function deviceOf(userAgent: string | null): string {
  const given = (userAgent ?? "").slice(0, 400);
  if (given.trim() === "") return "Unknown device";
  const { browser, os } = parse(given);
  const names = [browser.name, os.name].filter((name) => name !== undefined && name !== "");
  const device = names.length > 0 ? names.join(" on ") : (/^[\w.-]+/.exec(given)?.[0] ?? "");
  const short = [...device].slice(0, LONGEST).join("");
  return short === "" || !isShowable(short) ? "Unknown device" : short;
}
