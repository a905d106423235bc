// What calls for attention: the count in the title; a short tone and a line when the server has something to tell.
import { load } from "./pages.js";
import { say } from "./words.js";

let audio = null;
let base = "";

const alarm = () => import("./ring.js").then((tones) => tones.alarm(audio));

export function toast(text, action, go) {
  const line = document.createElement("p");
  line.textContent = text;
  if (action) {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: action });
    button.addEventListener("click", () => {
      line.remove();
      go();
    });
    line.append(button);
  }
  const box = document.querySelector(".toasts");
  box.replaceChildren(line);
  return line;
}

function called({ detail: { conversation, text } }) {
  alarm();
  if (location.pathname.endsWith(conversation)) return;
  const line = toast(text, say("script-open"), () => load(`/console/c/${conversation}?view=mine`));
  setTimeout(() => line.remove(), 12000);
}

function count() {
  const unread = Number(document.querySelector("[data-count=unread]")?.dataset.n ?? 0);
  const title = (unread ? `(${unread}) ` : "") + base;
  if (document.title !== title) document.title = title;
  if (unread) navigator.setAppBadge?.(unread).catch(() => {});
  else navigator.clearAppBadge?.().catch(() => {});
}

function arrived() {
  document.querySelector(".toasts").replaceChildren();
  rename();
  offered();
}

function rename() {
  base = document.title.replace(/^\(\d+\) /, "");
  count();
}

/** What rings needs more than a line. */
const offered = () => document.querySelector(".offer") && import("./offers.js").then(({ watch }) => watch(alarm));

export function start() {
  document.addEventListener("desk:call", called);
  document.addEventListener("desk:after", count);
  document.addEventListener("desk:after", offered);
  document.addEventListener("desk:arrive", arrived);
  // Browsers let a page sound only after somebody has touched it.
  addEventListener("pointerdown", () => (audio ??= new AudioContext()).resume(), { once: true });
  addEventListener("keydown", () => (audio ??= new AudioContext()).resume(), { once: true });
  rename();
}
