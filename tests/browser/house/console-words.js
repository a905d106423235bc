// The console's languages as the project keeps them, and what is left of English on a page in another one.

import { readdirSync, readFileSync } from "node:fs";

const place = new URL("../../../assets/words/", import.meta.url);

/** Key → pattern, or patterns where it has plural forms. */
function words(tag) {
  const found = new Map();
  const folder = new URL(`${tag}/`, place);
  for (const name of readdirSync(folder)) {
    let key;
    for (const line of readFileSync(new URL(name, folder), "utf8").split("\n")) {
      const [, begun, rest] = line.match(/^([a-z][\w-]*) =\s*(.*)$/) ?? [];
      if (begun) {
        key = begun;
        found.set(key, rest.endsWith("->") ? [] : [rest]);
      } else if (/^\s+\*?\[/.test(line)) found.get(key).push(line.replace(/^\s+\*?\[\w+\]\s*/, ""));
    }
  }
  return found;
}

const english = words("en");
const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** What nobody should read on a page in this language: whole texts, as sources of regular expressions. */
function strange(tag) {
  const own = words(tag);
  const differs = [...english].filter(([key, texts]) => own.get(key)?.join() !== texts.join());
  const known = new Set([...own.values()].flat());
  return differs
    .flatMap(([, texts]) => texts.map((text) => text.replaceAll('{" "}', "").trim()))
    .filter((text) => /[a-z]{2}/i.test(text.replace(/\{[^}]*\}/g, "")) && !known.has(text))
    .map((text) =>
      text
        .split(/(\{[^}]*\})/)
        .map((part, at) => (at % 2 === 0 ? escaped(part) : /\$n\b/.test(part) ? "[\\d.,]+" : ".+?"))
        .join("")
        .trim(),
    );
}

/** Runs in the page. Names, what people wrote and code stay as they are. */
function look(sources) {
  const known = new RegExp(`^(?:${sources.join("|")})$`);
  const own = "bdi,[dir=auto],code,kbd,datalist,iframe,noscript,script,style,svg,textarea,.log .text,.facts dd";
  // A team or a colleague is chosen by name.
  const isNamed = (node) => /[0-9a-f-]{36}$/.test(node.closest("option")?.value ?? "");
  const found = new Set();
  const judge = (text, where) => {
    const said = text.trim().replace(/\s+/g, " ");
    if (said && known.test(said)) found.add(`${where}: ${said}`);
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const parent = texts.currentNode.parentElement;
    const box = parent.closest("select") ?? parent;
    if (!parent.closest(own) && !isNamed(parent) && box.checkVisibility()) judge(texts.currentNode.data, "text");
  }
  for (const name of ["aria-label", "placeholder", "title", "alt"]) {
    for (const node of document.querySelectorAll(`[${name}]`)) {
      if (node.checkVisibility()) judge(node.getAttribute(name), `${name} of ${node.localName}`);
    }
  }
  judge(document.title.replace(/ · Deskbell$/, ""), "title of the page");
  return [...found];
}

/** What a page says in English though it is in another language. */
export const leftOver = (page, tag) => page.evaluate(look, strange(tag));
