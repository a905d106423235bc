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
  const time = now.toString(16).padStart(12, "0");
  const chance = Array.from(crypto.getRandomValues(new Uint8Array(9)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
  return `${time}7${chance}`.replace(/(.{8})(.{4})(.{4})(...)(.{12})/, "$1-$2-$3-8$4-$5");
}
