/**
 * Builds the command line into `build/`, which nobody is served from, unlike `dist/`. What it
 * depends on stays outside: it is installed beside it.
 */
import { build } from "vite";

await build({
  configFile: false,
  publicDir: false,
  logLevel: "warn",
  build: {
    ssr: "src/cli/main.ts",
    outDir: "build",
    target: "node20",
    rolldownOptions: { output: { entryFileNames: "cli.js" } },
  },
});
