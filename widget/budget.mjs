// Prints what each part of the widget, and of a console's first page, weighs after gzip -9, against its budget; exits 1
// when one is too heavy. What is weighed is what a binary carries.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { transform } from "esbuild";
import { build } from "./build.mjs";
import { buildConsole } from "./console.mjs";

const weigh = (text) => spawnSync("gzip", ["-9", "-c"], { input: text }).stdout.length;

// Of a site that has set its colours and an address, and invites.
const config = {
  site: "jZiV1zmr-4k14lAT49FvUQ",
  origin: "https://chat.example.com",
  color: "#0f5fd7",
  on: "#ffffff",
  email: "help@shop.example",
  invite: 20000,
};

// The rules of one page, and where the bubble stands, come to about as much again.
const rules = {
  key: `deskbell.${config.site}.`,
  waits: [20020],
  close: "Close",
  text: "Any questions? We are here to help.",
};

const given = {
  scheme: "light dark",
  site: config.site,
  origins: `${config.origin} https://shop.example`,
  name: "Harbour & Pine",
};

const { loader, invite, pages } = await build();
const filled = (html) => html.replace(/\{\{@(\w+)(?:=(.*?))?\}\}/g, (_, name, text) => text ?? given[name]);
const html = pages.map(({ tag, html }) => [tag, weigh(filled(html))]);
const heaviest = Math.max(...html.map(([, bytes]) => bytes));
const invitation = weigh(invite.replace("__INVITE__", () => JSON.stringify(rules)));
const load = weigh(loader.replace("__CONFIG__", JSON.stringify(config)));

// What a console's first page loads: a script with what it imports at once, each compressed by itself, and the style sheets.
const { files, imports } = await buildConsole();
const withImports = (name) => [name, ...imports[name].flatMap(withImports)];
const weighFiles = (names) => [...new Set(names)].reduce((sum, name) => sum + weigh(files[name]), 0);

const socket = readFileSync(new URL("../assets/console/live.js", import.meta.url), "utf8");

const parts = [
  ["loader with config", load, 4096],
  ...html.map(([tag, bytes]) => [`first open, ${tag}`, bytes, 20 * 1024]),
  ["invitation, if any", invitation, 900],
  ["all of it", load + heaviest + invitation, 24 * 1024],
  ["console's script", weighFiles(withImports("console/console.js")), 16 * 1024],
  ["of it, its socket", weigh((await transform(socket, { minify: true })).code), 5 * 1024],
  ["console's style", weighFiles(["tokens.css", "console.css"]), 12 * 1024],
];

let tooHeavy = 0;
for (const [name, bytes, budget] of parts) {
  if (bytes > budget) tooHeavy += 1;
  console.log(`${bytes > budget ? "OVER" : "ok  "} ${name.padEnd(24)} ${String(bytes).padStart(6)} of ${budget}`);
}
process.exit(tooHeavy > 0 ? 1 : 0);
