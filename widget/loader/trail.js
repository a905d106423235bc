// The way through the shop in this visit, newest last, a line each: pages ("address title", without the query but for what
// the site allows) and what the shop tracks ("track:name data"). Told to nobody before a chat exists.

import { config, guard, life, listen } from "./life.js";
import { mayStore, prefix } from "./store.js";

const key = `${prefix}trail`;
let lines = [];

export const trail = () => lines;

// These may fail where the page has no storage: whoever calls them calls them last.
export function wipe() {
  lines = [];
  delete sessionStorage[key];
}

export function note(line, tell) {
  if (lines.at(-1) === line) return;
  lines = [...lines, line].slice(-30);
  tell(line);
  if (mayStore()) sessionStorage[key] = lines.join("\n");
}

export function visit({ url = location.href, title = document.title } = {}, tell) {
  const { origin, pathname, search } = new URL(url, location.href);
  note(`${origin + pathname + search.replace(RegExp(config.strip ?? ".+", "g"), "")} ${title}`, tell);
}

export function follow(tell) {
  lines = guard(() => sessionStorage[key].split("\n"))() ?? [];
  if (config.trail === "off") return;
  const moved = guard(() => life.signal.aborted || visit({}, tell));
  moved();
  if (window.navigation) return listen(navigation, "currententrychange", moved);
  listen(window, "popstate", moved);
  const before = history.pushState;
  const push = (...args) => {
    before.apply(history, args);
    moved();
  };
  history.pushState = push;
  life.signal.addEventListener("abort", () => {
    if (history.pushState === push) history.pushState = before;
  });
}
