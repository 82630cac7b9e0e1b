import { source as axe } from "axe-core";
import { expect } from "vitest";
import type { Visitor } from "./page.ts";

interface Violation {
  id: string;
  impact: string;
  nodes: { html: string }[];
}

/** Nothing serious is found on what is shown now. */
export async function expectAxeContent({ page }: Visitor): Promise<void> {
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const { violations } = await (
      window as unknown as {
        axe: { run(): Promise<{ violations: Violation[] }> };
      }
    ).axe.run();
    return violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  });
  expect(found.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
}
