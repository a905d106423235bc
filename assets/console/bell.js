// What calls for attention: the count in the title and on the icon; a tone and a line when the server has something to
// tell; a notification where nobody looks.
import { load } from "./pages.js";
import { clear, toast } from "./toasts.js";
import { say } from "./words.js";

const SOON = 1000;

let audio = null;
let base = "";
/** The newest message of each chat that is unread. */
let newest = null;
/** How many wait. */
let waits = Infinity;
let told = "";

const tones = () => import("./ring.js");
const hears = (kind) => document.body.dataset.sounds?.split(" ").includes(kind);
const isLooking = () => !document.hidden && document.hasFocus();

function arm() {
  audio ??= new AudioContext();
  // Not under the finger that presses the line below it.
  return audio.resume().then(() => void setTimeout(() => document.querySelector(".toasts .arm")?.remove(), 500));
}

/** Browsers let a page sound only after somebody has touched it: until then they are asked to. */
async function alarm(kind) {
  if (!hears(kind)) return;
  if (audio?.state === "running") (await tones()).alarm(audio, kind);
  else if (!document.querySelector(".toasts .arm")) {
    const line = toast(say("script-sound-off"), say("script-sound-on"), () => arm().then(() => alarm(kind)), "sound");
    line.classList.add("arm");
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
  const line = toast(text, say("script-open"), () => load(path), conversation);
  line.classList.add("call");
  setTimeout(() => line.remove(), 12000);
}

/** A moment later, so that whoever reads it in another tab meanwhile, or is given it, is left in peace. */
function unread({ detail: { chats, waiting } }) {
  const before = newest;
  newest = new Map(chats.map(({ id, seq }) => [id, seq]));
  for (const chat of chats)
    if (before && !(before.get(chat.id) >= chat.seq)) setTimeout(() => newest.get(chat.id) === chat.seq && message(chat), SOON);
  const isMore = waiting > waits;
  waits = waiting;
  if (isMore && !document.querySelector("#my-status > .st-offline")) setTimeout(() => waits >= waiting && alarm("queue"), SOON);
}

/** In a chat that nobody looks at. */
function message({ id, name, text }) {
  const path = `/console/c/${id}?view=mine`;
  if (isLooking() && location.pathname.endsWith(id)) return;
  alarm("message");
  const isDiscreet = !text || document.body.dataset.notifies === "discreet";
  notify(isDiscreet ? say("script-new-message") : `${name}: ${text}`, path, id);
}

function count() {
  const unread = Number(document.querySelector("[data-count=unread]")?.dataset.n ?? 0);
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
  // Whoever goes on has seen them.
  for (const line of document.querySelectorAll(".toasts .call")) line.remove();
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
  import("./offers.js").then(({ watch }) => watch(say, () => alarm("offer")));
  if (told === offer.id) return;
  told = offer.id;
  notify(`${say("script-rings")} ${offer.querySelector("h2").textContent}`, "/console/inbox/mine", offer.id);
}

export function start() {
  document.addEventListener("desk:call", called);
  document.addEventListener("desk:unread", unread);
  document.addEventListener("desk:said", ({ detail: { text } }) => toast(text));
  document.addEventListener("desk:after", count);
  document.addEventListener("desk:after", offered);
  document.addEventListener("desk:arrive", arrived);
  for (const touch of ["pointerdown", "keydown"]) addEventListener(touch, arm, { once: true });
  rename();
}
