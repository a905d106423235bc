// The wall on a screen that nobody sits at: it follows, comes back by itself, and takes a new version by itself.
import { Live } from "./live.js";
import { tick } from "./time.js";
import { say } from "./words.js";

const live = new Live();
const line = document.querySelector(".live");
let off = 0;

/** The screen stays on where the browser allows it; it forgets when the page was out of sight. */
function stayOn() {
  if (!document.hidden) navigator.wakeLock?.request("screen").catch(() => {});
}

document.addEventListener("desk:live", ({ detail }) => {
  clearTimeout(off);
  if (detail === "on") line.textContent = "";
  else if (detail === "auth") line.textContent = say("script-tv-signed-out");
  else off = setTimeout(() => (line.textContent = say("script-tv-old")), 3000);
});
document.addEventListener("desk:version", ({ detail }) => {
  if (detail !== document.querySelector("meta[name=ver]").content) location.reload();
});
document.addEventListener("visibilitychange", stayOn);

tick();
stayOn();
live.start();
