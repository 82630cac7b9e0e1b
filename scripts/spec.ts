/**
 * Ties `docs/spec.md` to the tests: each rule has a test, each number in a test's title is a rule,
 * no number stands for two rules, and no numbered test is skipped. Prints what is wrong, exits 1.
 */
import { globSync, readFileSync } from "node:fs";

const SPEC = "docs/spec.md";
const HEADING = /^## ([A-Z]+):/;
const RULE = /^- \*\*([A-Z]+\d+)\*\*(.*)$/;
const NUMBERED_TITLE = /\(\s*["'`]([A-Z]{2,}\d+(?:, [A-Z]{2,}\d+)*):/g;
const NAMES_OF_TEST = /(?<![\w.])(?:it|test)((?:\.\w+)*)$/;
const LEFT_OUT = /(?<![\w.])(?:it|test|describe|suite)(?:\.\w+)*\.(skip|todo|only|fails)\b/g;

interface Use {
  number: string;
  place: string;
}

const faults: string[] = [];

function rulesOf(text: string): Map<string, string> {
  const rules = new Map<string, string>();
  let section = "";
  for (const [index, line] of text.split("\n").entries()) {
    const place = `${SPEC}:${index + 1}`;
    section = HEADING.exec(line)?.[1] ?? section;
    const [, number, sentence] = RULE.exec(line) ?? [];
    if (number === undefined) continue;
    if (rules.has(number)) faults.push(`${place}: ${number} is already at ${rules.get(number)}`);
    if (number.replace(/\d+$/, "") !== section)
      faults.push(`${place}: ${number} stands in the section of ${section}`);
    if (!sentence?.trim()) faults.push(`${place}: ${number} says nothing`);
    rules.set(number, place);
  }
  return rules;
}

/** Where the call ends whose closing parenthesis is at `end`, seen from behind: `it.each([…])` to `it.each`. */
function beforeCall(text: string, end: number): number {
  let depth = 0;
  for (let at = end; at >= 0; at--) {
    if (text[at] === ")") depth++;
    if (text[at] === "(" && --depth === 0) return at;
  }
  return 0;
}

function usesIn(path: string): Use[] {
  const text = readFileSync(path, "utf8");
  const placeOf = (at: number) => `${path}:${text.slice(0, at).split("\n").length}`;

  for (const match of text.matchAll(LEFT_OUT))
    faults.push(`${placeOf(match.index)}: a test is left out with .${match[1]}`);

  return [...text.matchAll(NUMBERED_TITLE)].flatMap((match) => {
    let end = text.slice(0, match.index).trimEnd().length;
    if (text[end - 1] === ")") end = beforeCall(text, end - 1);
    if (!NAMES_OF_TEST.test(text.slice(Math.max(0, end - 80), end))) return [];
    const numbers = match[1]?.split(", ") ?? [];
    return numbers.map((number) => ({ number, place: placeOf(match.index) }));
  });
}

const rules = rulesOf(readFileSync(SPEC, "utf8"));
const uses = globSync("test/**/*.{ts,tsx}").toSorted().flatMap(usesIn);
const tested = new Set(uses.map((use) => use.number));

for (const [number, place] of rules)
  if (!tested.has(number)) faults.push(`${place}: ${number} has no test`);
for (const { number, place } of uses)
  if (!rules.has(number)) faults.push(`${place}: ${number} is no rule of ${SPEC}`);

for (const fault of faults) console.error(fault);
console.log(`spec: ${rules.size} rules, ${uses.length} tests, ${faults.length} faults`);
process.exitCode = faults.length === 0 ? 0 : 1;
