// What calls for attention: the count in the title and on the icon; a tone and a line when the server has something to
// tell; a notification where nobody looks.
import { load } from "./pages.js";
import { clear, toast } from "./toasts.js";
import { say } from "./words.js";

let audio = null;
let base = "";
let known = 0;
let told = "";

const tones = () => import("./ring.js");
const hears = (kind) => document.body.dataset.sounds?.split(" ").includes(kind);
const isLooking = () => !document.hidden && document.hasFocus();

function arm() {
  audio ??= new AudioContext();
  return audio.resume();
}

/** Browsers let a page sound only after somebody has touched it: until then they are asked to. */
async function alarm(kind) {
  if (!hears(kind)) return;
  if (audio?.state === "running") (await tones()).alarm(audio, kind);
  else if (!document.querySelector(".toasts .arm")) {
    const line = toast(say("script-sound-off"), say("script-sound-on"), () => arm().then(() => alarm(kind)));
    line.className = "arm";
  }
}

async function notify(text, path, tag) {
  if (isLooking() || document.body.dataset.notifies === "off") return;
  (await tones()).notify(text, tag, path, () => load(path));
}

function called({ detail: { conversation, text } }) {
  const path = `/console/c/${conversation}?view=mine`;
  alarm("chat");
  notify(text, path, conversation);
  if (location.pathname.endsWith(conversation)) return;
  const line = toast(text, say("script-open"), () => load(path));
  setTimeout(() => line.remove(), 12000);
}

/** A message in a chat that nobody looks at: more is unread than before. */
function message() {
  alarm("message");
  const row = document.querySelector("#rows .row.unread");
  const isDiscreet = !row || document.body.dataset.notifies === "discreet";
  const name = row?.querySelector(".name bdi").textContent;
  const text = isDiscreet ? say("script-new-message") : `${name}: ${row.querySelector(".said").textContent}`;
  const path = row?.href ?? "/console/inbox/mine";
  notify(text, path, path.match(/[\da-f-]{36}/)?.[0] ?? "message");
}

function count() {
  const unread = Number(document.querySelector("[data-count=unread]")?.dataset.n ?? 0);
  if (unread > known && !isLooking()) message();
  known = unread;
  const title = (unread ? `(${unread}) ` : "") + base;
  if (document.title !== title) document.title = title;
  const icon = document.querySelector("link[rel=icon]");
  const href = icon.href.replace(/icon(-dot)?\.svg$/, unread ? "icon-dot.svg" : "icon.svg");
  if (icon.href !== href) icon.href = href;
  if (unread) navigator.setAppBadge?.(unread).catch(() => {});
  else navigator.clearAppBadge?.().catch(() => {});
}

function arrived() {
  clear();
  rename();
  offered();
}

function rename() {
  base = document.title.replace(/^\(\d+\) /, "");
  count();
}

/** What rings needs more than a line. */
function offered() {
  const offer = document.querySelector(".offer");
  if (!offer) return;
  import("./offers.js").then(({ watch }) => watch(() => alarm("offer")));
  if (told === offer.id) return;
  told = offer.id;
  notify(`${say("script-rings")} ${offer.querySelector("h2").textContent}`, "/console/inbox/mine", offer.id);
}

export function start() {
  document.addEventListener("desk:call", called);
  document.addEventListener("desk:after", count);
  document.addEventListener("desk:after", offered);
  document.addEventListener("desk:arrive", arrived);
  for (const touch of ["pointerdown", "keydown"]) addEventListener(touch, arm, { once: true });
  known = Number(document.querySelector("[data-count=unread]")?.dataset.n ?? 0);
  rename();
}
