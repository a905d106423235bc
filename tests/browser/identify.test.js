// The snippets for a shop's server, run by their interpreters: what each signs makes the shopper verified.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Demo } from "./house/demo.js";

const snippets = [
  ["node", "node.mjs"],
  ["python3", "identify.py"],
  ["php", "identify.php"],
  ["ruby", "identify.rb"],
];

let demo;
before(async () => {
  demo = await Demo.start();
});
after(() => demo?.stop());

function sign(program, file, secret) {
  const path = fileURLToPath(new URL(`../../widget/examples/identify/${file}`, import.meta.url));
  const env = { ...process.env, DESKBELL_SITE_KEY: demo.known.site_key, DESKBELL_SITE_SECRET: secret };
  const { error, status, stdout, stderr } = spawnSync(program, [path], { env, encoding: "utf8" });
  assert.ok(!error, `${program} is needed here: run bin/setup test`);
  assert.equal(status, 0, stderr);
  return stdout.trim();
}

function begin(identity) {
  const body = JSON.stringify({ site: demo.known.site_key, token: null, identity, locale: "en" });
  const headers = { "content-type": "application/json" };
  return fetch(`${demo.origin}/v1/shopper/session`, { method: "POST", headers, body });
}

for (const [program, file] of snippets) {
  test(`${file} makes the shopper verified, and with another secret nobody`, async () => {
    const answer = await begin(sign(program, file, demo.known.site_secret));
    assert.equal(answer.status, 200);
    const { shopper } = await answer.json();
    assert.deepEqual([shopper.verified, shopper.name, shopper.email], [true, "Zoë Müller", "zoe@shop.example"]);
    assert.equal((await begin(sign(program, file, "another secret"))).status, 401);
  });
}
