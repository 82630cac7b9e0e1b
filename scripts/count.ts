/**
 * Sums up a run for `.ci/run`: `node scripts/count.ts <vitest's JSON> <exit of check> <exit of test>`.
 * The last line it prints is "N passed, N failed". What failed without being a test counts as one.
 */
import { existsSync, readFileSync } from "node:fs";

interface Results {
  numPassedTests: number;
  numFailedTests: number;
  testResults: { name: string; status: string; assertionResults: { status: string }[] }[];
}

const [path = "", checked, tested] = process.argv.slice(2);
const results: Results = existsSync(path)
  ? (JSON.parse(readFileSync(path, "utf8")) as Results)
  : { numPassedTests: 0, numFailedTests: 0, testResults: [] };

// A file that fell over before its first test is in no count of tests.
const fallen = results.testResults.filter(
  (file) => file.status === "failed" && !file.assertionResults.some((it) => it.status === "failed"),
);
for (const file of fallen) console.log(`failed without a failed test: ${file.name}`);

let failed = results.numFailedTests + fallen.length;
if (tested !== "0" && failed === 0) failed = 1;
if (checked !== "0") failed += 1;

console.log(`${results.numPassedTests} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
