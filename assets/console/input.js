// Somebody is at this page: said over its socket, at most once a minute. What only they need comes with it.
import * as files from "./files.js";

const EVERY = 60000;
let said = -EVERY;

export function note(live) {
  const now = performance.now();
  if (now - said < EVERY) return;
  said = now;
  live.send({ input: true });
}

export function start(live) {
  note(live);
  files.start();
  for (const name of ["keydown", "pointerdown", "pointermove", "wheel"]) addEventListener(name, () => note(live), { passive: true });
}
