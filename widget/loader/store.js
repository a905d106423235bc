// What this browser remembers: plain strings under the site's prefix. JSON stays inside the frame, because shops
// patch prototypes and a patched toJSON would corrupt what is kept. Without permission or room, memory serves.

import { config, guard } from "./life.js";

const prefix = `deskbell.${config.site}.`;
const memory = {};
let allowed = !config.consent;

export const mayStore = () => allowed;

export function all() {
  const found = { ...memory };
  guard(() => {
    for (const key in localStorage) {
      if (key.startsWith(prefix)) found[key.slice(prefix.length)] = localStorage[key];
    }
  })();
  return found;
}

export function put(key, value) {
  memory[key] = value;
  if (value == null) delete memory[key];
  guard(() => {
    if (value == null) localStorage.removeItem(prefix + key);
    else if (allowed) {
      localStorage.setItem(prefix + key, value);
      delete memory[key];
    }
  })();
}

export function clear() {
  for (const key in all()) put(key);
}

export function allow(on) {
  allowed = on;
  if (!on) clear();
}
