// Names and who listens to them: how the panel's parts hear of each other without knowing each other.

export class Signals {
  #heard = new Map();

  on(name, fn) {
    this.#heard.set(name, [...(this.#heard.get(name) ?? []), fn]);
  }

  emit(name, detail) {
    for (const fn of this.#heard.get(name) ?? []) fn(detail);
  }
}

// Version 7: ordered by time, so that what was written first is also named first.
export function newCid(now = Date.now()) {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  let rest = now;
  for (let at = 5; at >= 0; at -= 1) {
    bytes[at] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
