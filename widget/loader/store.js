// What this browser remembers: plain strings under the site's prefix. JSON stays inside the frame, because shops
// patch prototypes and a patched toJSON would corrupt what is kept. Without permission or a storage, memory serves.

import { config, guard } from "./life.js";

export const prefix = `deskbell.${config.site}.`;
let box = {};
let allowed;

export const mayStore = () => allowed;

export function all() {
  const found = {};
  for (const key in box) {
    const [, name] = key.split(prefix);
    if (name) found[name] = box[key];
  }
  return found;
}

export const put = guard((key, value) => {
  if (value == null) delete box[prefix + key];
  else box[prefix + key] = value;
});

export function clear() {
  for (const key in all()) put(key);
}

export function allow(on) {
  allowed = on;
  if (!on) clear();
  guard(() => {
    box = on ? localStorage : {};
  })();
}

allow(!config.consent);
