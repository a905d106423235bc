// The widget's types say what its calls take, and find what they do not.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const usage = fileURLToPath(new URL("../../widget/examples/usage.ts", import.meta.url));
const compiler = fileURLToPath(new URL("node_modules/typescript/bin/tsc", import.meta.url));

test("the compiler takes every right use of the widget and refuses every wrong one", () => {
  const flags = ["--noEmit", "--strict", "--noUnusedLocals", "--types", "", "--lib", "es2022,dom"];
  const { stdout, stderr, status } = spawnSync(process.execPath, [compiler, ...flags, usage], { encoding: "utf8" });
  assert.equal(status, 0, stdout + stderr);
});
