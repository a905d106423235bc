// Runs the tests: first, two files at a time, those that only wait for what they look at, however long it takes; then, one at
// a time, those that measure, race or promise something within a second.
//
//   npm test --prefix tests/browser

import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const MEASURING = "alerts collide keys killed lists offers path reconnect shop steady tabs wall widget"
  .split(" ")
  .map((name) => `${name}.test.js`);

const all = readdirSync(here).filter((name) => name.endsWith(".test.js"));
const lost = MEASURING.filter((name) => !all.includes(name));
if (lost.length) throw new Error(`there is no ${lost.join()}`);

const run = (atOnce, files, patience) => {
  const args = ["--test", "--test-timeout=400000", `--test-concurrency=${atOnce}`, "--test-reporter=spec", ...files];
  const env = { ...process.env, DESKBELL_PATIENCE: `${patience}` };
  return spawnSync(process.execPath, args, { cwd: here, env, stdio: "inherit" }).status === 0;
};
const waited = run(
  2,
  all.filter((name) => !MEASURING.includes(name)),
  30_000,
);
const measured = run(1, MEASURING, 10_000);
process.exit(waited && measured ? 0 : 1);
