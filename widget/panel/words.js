// Words, numbers and times as this shopper's language writes them. The page carries one line for each word; the build
// turns the key of a word into the number of its line.

const { lang, dir } = document.documentElement;
const base = (tag) => tag.split("-")[0];

export { dir };
// Dates, clocks and numbers as the reader's own region writes them, in the panel's language.
export const region = navigator.languages.find((tag) => base(tag) === base(lang)) ?? lang;

const words = document.getElementById("locale").textContent.split("\n");
const forms = ["other", "one", "two", "few", "many", "zero"];
const plurals = new Intl.PluralRules(lang);
const numbers = new Intl.NumberFormat(region);
const rightToLeft = /[\u0590-\u08ff\ufb1d-\ufeff]/;

// A name that runs against the sentence is isolated, or it drags the punctuation with it; a range of numbers runs with it.
function value(given) {
  if (typeof given === "number") return numbers.format(given);
  const text = String(given ?? "");
  return !/\p{L}/u.test(text) || rightToLeft.test(text) === (dir === "rtl") ? text : `\u2068${text}\u2069`;
}

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => value(values[name]));

export const say = (key, values = {}) => fill(words[key], values);

// A range counts as its higher end does.
export const sayCount = (key, high, low = high) => {
  const n = low < high ? numbers.formatRange(low, high) : high;
  const counted = words[key].split("|");
  return fill(counted[forms.indexOf(plurals.select(high))] || counted[0], { n });
};
