// What scripts say, in the page's language: the page brings the words along.
const words = JSON.parse(document.getElementById("words")?.textContent ?? "{}");

/** A word; `{$name}` in it is filled from what is given. */
export const say = (key, given = {}) => (words[key] ?? key).replace(/\{\$(\w+)\}/g, (_, name) => given[name]);
