// The pages of this visit, newest last, one line each ("address title"): addresses without their query, told to
// nobody before a chat exists.

import { config, guard, listen } from "./life.js";
import { mayStore } from "./store.js";

const key = `deskbell.${config.site}.trail`;
let lines = [];

export const trail = () => lines;

export function visit({ url = location.href, title = document.title }, tell) {
  const { origin, pathname } = new URL(url, location.href);
  const line = `${origin + pathname} ${title}`;
  if (lines.at(-1) === line) return;
  lines = [...lines, line].slice(-30);
  guard(() => mayStore() && sessionStorage.setItem(key, lines.join("\n")))();
  tell(line);
}

export function follow(tell) {
  lines = guard(() => sessionStorage[key].split("\n"))() ?? [];
  const moved = () => visit({}, tell);
  moved();
  if (window.navigation) listen(navigation, "currententrychange", moved);
  else listen(window, "popstate", moved);
}
