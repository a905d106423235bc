// Names and who listens to them: how the panel's parts hear of each other without knowing each other.

export function signals() {
  const heard = new Map();
  return {
    on: (name, fn) => heard.set(name, [...(heard.get(name) ?? []), fn]),
    emit(name, detail) {
      for (const fn of heard.get(name) ?? []) fn(detail);
    },
  };
}

// Version 7: ordered by time, so that what was written first is also named first.
export function newCid() {
  const time = Date.now().toString(16).padStart(12, "0").replace(/.{8}/, "$&-");
  const chance = () => (crypto.getRandomValues(new Uint8Array(1))[0] % 16).toString(16);
  return `${time}-7xxx-8xxx-xxxxxxxxxxxx`.replace(/x/g, chance);
}
