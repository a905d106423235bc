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

/** The same for whatever strings a JSON document has. */
export function pseudoAll(value) {
  if (typeof value === "string") return pseudo(value);
  if (Array.isArray(value)) return value.map(pseudoAll);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, pseudoAll(one)]));
}
