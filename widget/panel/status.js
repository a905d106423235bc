// What is said aloud, and the strip that shows a lost connection. The status node is always there and starts empty,
// so that only what is new is announced, never the history.

import { byId } from "./dom.js";
import { say } from "./words.js";

const node = byId("status");
const strip = byId("strip");
const PATIENCE = 3000;
const THROTTLE = 10_000;
let quietUntil = 0;

export function announce(text) {
  node.textContent = text;
}

// Queue and connection may change every second; a listener hears them at most every ten.
export function announceSometimes(text) {
  if (Date.now() < quietUntil) return;
  quietUntil = Date.now() + THROTTLE;
  announce(text);
}

export function watchConnection(link) {
  let timer = 0;
  const show = () => {
    strip.hidden = false;
    announceSometimes(strip.textContent);
  };
  link.on("change", () => {
    if (link.state === "down") {
      timer = setTimeout(show, PATIENCE);
      return;
    }
    clearTimeout(timer);
    if (!strip.hidden && link.state === "up") announceSometimes(say("back"));
    strip.hidden = true;
  });
}
