// Prints what each part of the widget weighs after gzip -9, against its budget; exits 1 when one is too heavy.

import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const weigh = (text) => spawnSync("gzip", ["-9", "-c"], { input: text }).stdout.length;

function bundle(source, options = {}) {
  const common = { bundle: true, minify: true, charset: "utf8", target: "es2022", write: false };
  return buildSync({ entryPoints: [here(source)], ...common, ...options }).outputFiles[0].text;
}

const config = {
  site: "jZiV1zmr-4k14lAT49FvUQ",
  origin: "https://chat.example.com",
  name: "Harbour & Pine",
  color: "#0f5fd7",
  on: "#ffffff",
  side: "right",
  x: 20,
  y: 20,
  z: 2147483000,
  scheme: "auto",
  email: "help@shop.example",
  consent: false,
};

const loader = bundle("loader.js", { format: "iife" }).replace("__CONFIG__", JSON.stringify(config));
const panel = bundle("panel/main.js", { format: "esm", external: ["./late.js"] });
const late = bundle("panel/late.js", { format: "esm", external: ["./panel.js"] });
const css = bundle("panel/panel.css");
const template = readFileSync(here("../templates/widget/panel.html"), "utf8");
const locales = readdirSync(here("locales")).map((name) => [name, readFileSync(here(`locales/${name}`), "utf8")]);
const heaviest = locales.map(([, text]) => text).sort((a, b) => weigh(b) - weigh(a))[0];

const parts = [
  ["loader with config", weigh(loader), 4096],
  ["panel.js", weigh(panel), 12 * 1024],
  ["panel.css", weigh(css), 4 * 1024],
  ["html + heaviest locale", weigh(template.replace(/\{\{ locale[^}]*\}\}/, () => heaviest)), 4 * 1024],
  ...locales.map(([name, text]) => [`locale ${name}`, weigh(text), 1229]),
];
const sum = (from, to) => parts.slice(from, to).reduce((total, [, bytes]) => total + bytes, 0);
parts.push(["first open", sum(1, 4), 20 * 1024]);
parts.push(["late.js", weigh(late), 8 * 1024]);
parts.push(["all of it", sum(0, 4) + weigh(late), 24 * 1024]);

let tooHeavy = 0;
for (const [name, bytes, budget] of parts) {
  if (bytes > budget) tooHeavy += 1;
  console.log(`${bytes > budget ? "OVER" : "ok  "} ${name.padEnd(24)} ${String(bytes).padStart(6)} of ${budget}`);
}
process.exit(tooHeavy > 0 ? 1 : 0);
