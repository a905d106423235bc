// Somebody is at this page: said over its socket, at most once a minute. What only they need comes with it.
import * as files from "./files.js";

const EVERY = 60000;
/** Less than any keyboard is high, in pixels. */
const COVERED = 100;
let said = -EVERY;

export function note(live) {
  const now = performance.now();
  if (now - said < EVERY) return;
  said = now;
  live.send({ input: true });
}

/** Answers to choose from went with their reply. */
function clear({ target }) {
  const { replies } = target.elements;
  if (!replies) return;
  replies.value = "";
  replies.removeAttribute("data-dirty");
  replies.closest("details").open = false;
}

/** Where a keyboard lies over the page instead of making it smaller, the page ends above it: the composer stays in sight. */
function fit() {
  const { height, scale } = visualViewport;
  const isCovered = scale === 1 && innerHeight - height > COVERED;
  document.body.style.blockSize = isCovered ? `${height}px` : "";
  if (isCovered) scrollTo(0, 0);
}

export function start(live) {
  note(live);
  visualViewport.addEventListener("resize", fit);
  fit();
  files.start();
  document.addEventListener("desk:sent", clear);
  for (const name of ["keydown", "pointerdown", "pointermove", "wheel"])
    addEventListener(name, () => note(live), { passive: true });
}
