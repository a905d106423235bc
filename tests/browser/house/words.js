// The panel's languages as the project keeps them, and one that nobody speaks.

import { readdirSync, readFileSync } from "node:fs";

const place = new URL("../../../widget/locales/", import.meta.url);

/** Tag → strings. */
export const languages = new Map(
  readdirSync(place).map((name) => [name.replace(".json", ""), JSON.parse(readFileSync(new URL(name, place), "utf8"))]),
);

/** `{n}` and the like. */
export const holes = (text) => (text.match(/\{\w+\}/g) ?? []).sort().join();

const ACCENTS = new Map(
  [..."aeioucdhjklnrstwyzAEIOUCDHJKLNRSTWYZ"].map((letter, at) => [
    letter,
    [..."áéíöüçďĥĵķĺñŕšťŵýžÁÉÍÖÜÇĎĤĴĶĹÑŔŠŤŴÝŽ"][at],
  ]),
);

const accented = (text) => text.replace(/\{\w+\}|./gu, (one) => ACCENTS.get(one) ?? one);

/** Longer, accented and in brackets, as a translation may be: short words double, sentences grow by two fifths. */
export function pseudo(text) {
  const more = Math.ceil(text.length * (text.length < 12 ? 1 : 0.4));
  const words = "ëxţŕá ŵörðš ".repeat(20).slice(0, more).trim();
  return `⟦${accented(text)} ${words}⟧`;
}

const escaped = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/"/g, "&quot;");

/** The panel's English page in those words: the lines that its script says, its texts, and what stands in empty fields. */
export function pseudoPage(html) {
  const [before, rest] = html.split(/(?<=<script type="?text\/plain"? id="?locale"?>)/);
  const [lines, after] = rest.split(/(?=<\/script>)([\s\S]*)/);
  const said = lines.split("\n").map((line) =>
    line
      .split("|")
      .map((form) => form && pseudo(form))
      .join("|"),
  );
  let shown = after;
  for (const text of Object.values(languages.get("en")).map(escaped)) {
    shown = shown
      .replaceAll(`>${text}<`, `>${pseudo(text)}<`)
      .replaceAll(`placeholder="${text}"`, `placeholder="${pseudo(text)}"`);
  }
  return before + said.join("\n") + shown;
}
