// What calls for attention: the count in the title; a short tone and a line when the server has something to tell.
import { load } from "./pages.js";

let audio = null;
let base = "";

/** Two soft strokes. Only one tab rings. */
function ring() {
  if (!audio || audio.state !== "running") return;
  const strike = (at, pitch) => {
    const [tone, gain] = [audio.createOscillator(), audio.createGain()];
    tone.frequency.value = pitch;
    gain.gain.setValueAtTime(0.0001, at);
    gain.gain.exponentialRampToValueAtTime(0.2, at + 0.01);
    gain.gain.exponentialRampToValueAtTime(0.0001, at + 0.7);
    tone.connect(gain).connect(audio.destination);
    tone.start(at);
    tone.stop(at + 0.8);
  };
  strike(audio.currentTime, 880);
  strike(audio.currentTime + 0.16, 1318);
}

function alarm() {
  if (!navigator.locks) return ring();
  navigator.locks.request("deskbell-ring", { ifAvailable: true }, async (lock) => {
    if (!lock) return;
    ring();
    await new Promise((done) => setTimeout(done, 1500));
  });
}

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
  const line = toast(text, "Open", () => load(`/console/c/${conversation}?view=mine`));
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
}

function rename() {
  base = document.title.replace(/^\(\d+\) /, "");
  count();
}

export function start() {
  document.addEventListener("desk:call", called);
  document.addEventListener("desk:after", count);
  document.addEventListener("desk:arrive", arrived);
  // Browsers let a page sound only after somebody has touched it.
  addEventListener("pointerdown", () => (audio ??= new AudioContext()).resume(), { once: true });
  addEventListener("keydown", () => (audio ??= new AudioContext()).resume(), { once: true });
  rename();
}
