// Builds what the browser gets of the widget, into the folder given, or for budget.mjs into memory: `loader.js`, `invite.js`, and the
// panel's page in every language with words, structure, style and script in place: one request, and for the browser's
// policy the hashes of the two. It fetches nothing.
//
// What it checks on the way: every language has every word and no other, every word is used, and no name that is
// shortened is one of a browser's.

import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build as bundle } from "esbuild";
import { minify } from "terser";
import { buildConsole } from "./console.mjs";
import { domprops } from "./node_modules/terser/tools/domprops.js";
import { ours, shared } from "./ours.mjs";
import { pageIn, readLanguages } from "./page.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const sources = readdirSync(here("panel")).filter((name) => name.endsWith(".js"));
const read = (name) => readFileSync(here(`panel/${name}`), "utf8");

// The keys of all words that the script says: on its way into the bundle each becomes a number.
const call = /\b(say|sayCount)\("(\w+)"/g;
const said = [...new Set(sources.flatMap((name) => [...read(name).matchAll(call)].map(([, , key]) => key)))].sort();

function numbered(source) {
  const vague = source.match(/\bsay(Count)?\((?!"\w+")[^)]*\)/);
  if (vague) throw new Error(`${vague[0]}: the key of a word is written out, so that it can be numbered`);
  return source.replace(call, (_, fn, key) => `${fn}(${said.indexOf(key)}`);
}

const numbers = {
  name: "numbers",
  setup: ({ onLoad }) =>
    onLoad({ filter: /widget.panel.\w+\.js$/ }, ({ path }) => ({
      contents: numbered(readFileSync(path, "utf8")),
    })),
};

const clash = ours.find((name) => domprops.includes(name));
if (clash) throw new Error(`ours.mjs: "${clash}" is a browser's name as well`);

async function script(source, options, isModule = true) {
  const common = { bundle: true, minify: true, charset: "utf8", target: "es2022", write: false, legalComments: "none" };
  const { outputFiles } = await bundle({ entryPoints: [here(source)], ...common, ...options });
  const compress = {
    passes: 5,
    unsafe: true,
    unsafe_arrows: true,
    pure_getters: true,
    keep_fargs: false,
    lhs_constants: false,
  };
  const { code } = await minify(outputFiles[0].text, { module: isModule, ecma: 2020, compress, mangle: true });
  return code;
}

const hashOf = (text) => createHash("sha256").update(text).digest("base64");

export async function build() {
  const loader = await script("loader.js", { format: "iife" }, false);
  if (loader.split("__CONFIG__").length !== 2) throw new Error("loader.js: exactly one __CONFIG__ is needed");
  const invite = await script("loader/invite.js", { format: "esm" });
  const mangleProps = new RegExp(`^(${[...ours, ...shared].join("|")})$`);
  const panel = await script("panel/main.js", { format: "esm", mangleProps, plugins: [numbers] });
  const css = await bundle({ entryPoints: [here("panel/panel.css")], bundle: true, minify: true, write: false });
  // The tool leaves blanks in custom properties.
  const style = css.outputFiles[0].text.trim().replace(/([:,]) /g, "$1");
  const template = readFileSync(here("panel/panel.html"), "utf8");
  const languages = readLanguages(here("locales"), said, template);
  const pages = languages.map((one) => ({ tag: one.tag, html: pageIn(one, said, template, { style, script: panel }) }));
  return { loader, invite, pages, style: hashOf(style), script: hashOf(panel) };
}

export async function write(folder) {
  const { loader, invite, pages, ...hashes } = await build();
  mkdirSync(folder, { recursive: true });
  const put = (name, text) => writeFileSync(join(folder, name), text);
  put("loader.js", loader);
  put("invite.js", invite);
  put("console.json", JSON.stringify((await buildConsole()).files));
  put("panel.json", JSON.stringify({ ...hashes, languages: pages }));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await write(process.argv[2]);
