// The keyboard: a key presses what carries it as `data-key`, where that is in sight. Two keys in a row are written "g i".
// Single keys do nothing in fields, and nothing at all where somebody switched them off.
import { load } from "./pages.js";
import { toast } from "./toasts.js";
import { say } from "./words.js";

const PAUSE = 1200;

/** Somebody whose field was taken from them goes on typing for a moment: that is no command. */
const BURST = 1000;

let before = "";
let pressedAt = 0;
let field = null;
let typedAt = 0;

const isField = (el) => el.matches?.("input:not([type=radio], [type=checkbox]), textarea, select") || el.isContentEditable;
const rows = () => [...document.querySelectorAll(".rows .row")];
const palette = () => import("./palette.js");

/** Opens, focuses or presses it, as its kind is. */
export function press(el) {
  if (el.matches("summary")) {
    el.parentElement.open = true;
    el.parentElement.querySelector("select, input:not([type=hidden]), textarea, button")?.focus();
  } else if (el.matches("[type=radio]")) {
    el.click();
    el.closest(".composer")?.querySelector(`.write.${el.value} textarea`)?.focus();
  } else if (isField(el)) el.focus();
  else el.click();
}

/** Along the list, from the row that is focused or shown; at its ends it stays. */
function walk(step) {
  const all = rows();
  const focused = all.indexOf(document.activeElement);
  const at = focused >= 0 ? focused : all.findIndex((row) => row.ariaCurrent === "true");
  all[at < 0 ? 0 : Math.min(Math.max(at + step, 0), all.length - 1)]?.focus();
}

function unread(step) {
  const all = rows();
  const at = all.findIndex((row) => row.ariaCurrent === "true");
  const order = step > 0 ? [...all.slice(at + 1), ...all.slice(0, at + 1)] : [...all.slice(0, Math.max(at, 0))].reverse();
  order.find((row) => row.matches(".unread"))?.click();
}

/** The first that is in sight: the same key may be written at two places of which one is shown. */
export function bound(keys) {
  return [...document.querySelectorAll(`[data-key="${CSS.escape(keys)}"]`)].find((el) => el.checkVisibility());
}

/** Their own chats where another list is shown, or none: the server knows them. */
async function elsewhere(which) {
  const open = location.pathname.split("/c/")[1];
  try {
    const answer = await fetch(`/console/inbox/mine/${which}${open ? `?at=${open}` : ""}`);
    if (answer.status === 200) load(await answer.text());
  } catch {
    toast(say("script-failed"));
  }
}

function withAlt(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const own = /^Digit([1-9])$/.exec(event.code)?.[1];
  // A choice is opened by these keys, a date is changed, and a form on another page keeps what is typed into it.
  if ((!step && !own) || event.target.matches("select, [type^=date]")) return;
  if (isField(event.target) && !event.target.closest(".desk")) return;
  event.preventDefault();
  if (!document.querySelector("#rows[data-sub^='list:mine']")) elsewhere(own ?? (step > 0 ? "next" : "previous"));
  else if (step) unread(step);
  else rows()[own - 1]?.click();
}

function leave(event) {
  if (isField(event.target) && !event.defaultPrevented) event.target.blur();
}

async function single(event) {
  const { key } = event;
  const now = Date.now();
  const both = now - pressedAt < PAUSE ? `${before} ${key}` : key;
  const target = bound(both) ?? bound(key);
  before = key;
  pressedAt = now;
  if (key === "j" || key === "k") walk(key === "j" ? 1 : -1);
  else if (key === "?") (await palette()).showKeys();
  else if (target) {
    before = "";
    press(target);
  } else return;
  event.preventDefault();
}

/** Whether this key was meant for a field that was taken from under somebody's hands. Whoever left it themselves left it. */
function isBurst({ key, target, altKey, ctrlKey, metaKey }) {
  const now = Date.now();
  const leaves = altKey || ctrlKey || metaKey || key === "Escape" || key === "Tab";
  const isLate = field && !field.isConnected && !leaves && now - typedAt < BURST;
  if (isField(target)) field = leaves || target.closest("dialog") ? null : target;
  else if (!isLate) field = null;
  typedAt = now;
  return isLate && field !== target;
}

function pressed(event) {
  const isLate = isBurst(event);
  if (event.isComposing || event.keyCode === 229) return;
  if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
    event.preventDefault();
    palette().then((it) => it.open());
    return;
  }
  if (event.ctrlKey || event.metaKey) return;
  if (event.altKey) return withAlt(event);
  if (isLate) return;
  if (event.key === "Escape") return leave(event);
  if (isField(event.target) || document.body.dataset.keys === "off" || document.querySelector("dialog[open]")) return;
  // A key that does something is not typed into what it focuses.
  if (event.key === "?" || event.key === "j" || event.key === "k" || bound(event.key)) event.preventDefault();
  single(event);
}

export function start() {
  document.addEventListener("keydown", pressed);
  document.addEventListener("pointerdown", () => (field = null));
}
