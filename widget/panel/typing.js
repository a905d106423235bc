// The agent's typing dots: gone with the message, with the word, or after six seconds.

import { byId } from "./dom.js";
import { say } from "./words.js";

const LIFE = 6000;
const node = byId("typing");
let timer = 0;

export function stopTyping() {
  clearTimeout(timer);
  node.hidden = true;
}

export function showTyping({ on, by }) {
  if (by?.role === "shopper") return;
  stopTyping();
  if (!on) return;
  node.querySelector("span").textContent = say("typing", { name: by?.name });
  node.hidden = false;
  timer = setTimeout(stopTyping, LIFE);
}
