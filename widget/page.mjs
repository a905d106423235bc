// The panel's page in one language. In panel.html `{{close}}` is a word, `{{star:3}}` a counted one, `{{style}}`, `{{words}}` and
// `{{script}}` are what they say; `{{@name}}` and its like stay for the server to fill.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

// Forms of a counted word, as words.js takes them apart: the first serves where a language has no other.
const forms = ["other", "one", "two", "few", "many", "zero"];
const base = (key) => key.replace(/_(?:other|one|two|few|many|zero)$/, "");
const escaped = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/"/g, "&quot;");

const inPage = (template) => [...template.matchAll(/\{\{(\w+)(?::\d+)?\}\}/g)].map(([, key]) => key);

/** Every language of the folder, English first; throws where one has not exactly the words that are used. */
export function readLanguages(folder, said, template) {
  const used = new Set(
    [...said, ...inPage(template)].filter((key) => !["style", "script", "words", "lang", "dir"].includes(key)),
  );
  const tags = readdirSync(folder).map((name) => name.replace(/\.json$/, ""));
  tags.sort((a, b) => (b === "en") - (a === "en") || (a < b ? -1 : 1));
  return tags.map((tag) => {
    const strings = JSON.parse(readFileSync(join(folder, `${tag}.json`), "utf8"));
    const given = new Set(Object.keys(strings).map(base));
    const wrong = [...used].filter((key) => !given.has(key)).map((key) => `${key} is missing`);
    wrong.push(...[...given].filter((key) => !used.has(key)).map((key) => `${key} is used nowhere`));
    if (wrong.length > 0) throw new Error(`locales/${tag}.json: ${wrong.join(", ")}`);
    const { direction } = new Intl.Locale(tag).getTextInfo?.() ?? new Intl.Locale(tag).textInfo;
    return { tag, dir: direction, strings };
  });
}

function counted({ tag, strings }, key, n) {
  const form = new Intl.PluralRules(tag).select(n);
  const text = strings[`${key}_${form}`] ?? strings[`${key}_other`];
  return text.replace("{n}", new Intl.NumberFormat(tag).format(n));
}

// What a shop may say in words of its own: our words stand there for the server to exchange.
const own = ["hello", "away"];
const owned = (key, text) => (own.includes(key) ? `{{@${key}=${text}}}` : text);

// One line for each word that the script says; a counted one has its forms in it, but none that is as the first.
function lines({ strings }, said) {
  const one = (key) =>
    strings[key] ??
    forms
      .map((form) => strings[`${key}_${form}`] ?? "")
      .map((text, at, all) => (at > 0 && text === all[0] ? "" : text))
      .join("|")
      .replace(/\|+$/, "");
  return said.map((key) => owned(key, one(key))).join("\n");
}

/** `parts`: style and script. Nothing in them may end their element. */
export function pageIn(language, said, template, parts) {
  const { tag, dir, strings } = language;
  const given = { lang: tag, dir, ...parts, words: lines(language, said) };
  if (/<\/|<!--/.test(Object.values(given).join())) throw new Error("the panel's page: a part ends its own element");
  // Tags stand on lines of their own and no text runs over a line's end; a plain value needs no quotes.
  const page = template.replace(/\n\s*/g, "").replace(/="([\w-]+)"/g, "=$1");
  for (const part in given) if (!page.includes(`{{${part}}}`)) throw new Error(`panel.html: {{${part}}} is missing`);
  return page.replace(/\{\{(\w+)(?::(\d+))?\}\}/g, (_, key, n) => {
    if (given[key] !== undefined) return given[key];
    return n ? escaped(counted(language, key, Number(n))) : owned(key, escaped(strings[key]));
  });
}
