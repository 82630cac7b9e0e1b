import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "backchannel-count-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const file = (status: string, ...tests: string[]) => ({
  name: "planted.test.ts",
  status,
  assertionResults: tests.map((it) => ({ status: it })),
});

function lastLine(results: object | null, checked: number, tested: number) {
  const path = join(folder, "tests.json");
  if (results !== null) writeFileSync(path, JSON.stringify(results));
  const run = spawnSync(process.execPath, ["scripts/count.ts", path, `${checked}`, `${tested}`]);
  return { line: run.stdout.toString().trimEnd().split("\n").at(-1), code: run.status };
}

describe("the count of a run", () => {
  it("HOUSE12: all passed", () => {
    const results = {
      numPassedTests: 2,
      numFailedTests: 0,
      testResults: [file("passed", "passed", "passed")],
    };
    expect(lastLine(results, 0, 0)).toEqual({ line: "2 passed, 0 failed", code: 0 });
    expect(lastLine(results, 2, 0)).toEqual({ line: "2 passed, 1 failed", code: 1 });
    expect(lastLine(results, 0, 1)).toEqual({ line: "2 passed, 1 failed", code: 1 });
  });

  it("HOUSE12: a test failed, and a file fell over before its first test", () => {
    const results = {
      numPassedTests: 1,
      numFailedTests: 1,
      testResults: [file("failed", "passed", "failed"), file("failed")],
    };
    expect(lastLine(results, 0, 1)).toEqual({ line: "1 passed, 2 failed", code: 1 });
  });

  it("HOUSE12: the tests never ran", () => {
    expect(lastLine(null, 0, 1)).toEqual({ line: "0 passed, 1 failed", code: 1 });
  });
});
