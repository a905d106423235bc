// The page of one's settings: tones to listen to, and the browser's leave to notify, asked for when it is wanted.
import * as device from "./device.js";
import { alarm } from "./ring.js";

let audio = null;

async function listen({ target }) {
  const kind = target.closest?.("[data-try]")?.dataset.try;
  if (!kind) return;
  audio ??= new AudioContext();
  await audio.resume();
  alarm(audio, kind);
}

async function ask({ target }) {
  if (!target.matches("[data-asks]")) return;
  const problem = document.getElementById("notifies-problem");
  problem.hidden = true;
  if (!target.checked) return;
  const answer = (await globalThis.Notification?.requestPermission()) ?? "denied";
  target.checked = answer === "granted";
  problem.hidden = target.checked;
}

export function start() {
  document.addEventListener("click", listen);
  document.addEventListener("change", ask);
  device.start();
}
