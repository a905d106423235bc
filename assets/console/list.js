// The list: while somebody points at it or goes through it by keyboard its rows change in place and none moves, so that a
// click opens what is shown. What waits to move is counted on a button, and moves when that is pressed or they have left.
import { morph, parse } from "./html.js";

/** How long after they have left, in milliseconds. */
const LEFT = 2000;
const LOOK = 200;
const PLURALS = ["zero", "one", "two", "few", "many", "other"];

const rules = new Intl.PluralRules(document.documentElement.lang);
const hovers = matchMedia("(hover: hover)");
const rows = () => document.getElementById("rows");
const list = () => rows()?.querySelector("ul");
const pill = () => document.getElementById("held");

/** What waits: rows that are not shown yet, the order of all, or a whole list; and how often it changed. */
let fresh = new Map();
let order = null;
let whole = null;
let updates = 0;
let leftAt = 0;
let timer = 0;

function isHeld() {
  const box = rows();
  return Boolean(box && ((hovers.matches && box.querySelector("ul:hover")) || box.querySelector(":focus-visible")));
}

function forget() {
  [fresh, order, whole, updates, leftAt] = [new Map(), null, null, 0, 0];
  clearInterval(timer);
  timer = 0;
  tell();
}

function tell() {
  const button = pill();
  if (!button) return;
  button.hidden = !updates;
  const form = button.dataset.forms.split("|")[PLURALS.indexOf(rules.select(updates))];
  button.textContent = updates ? form.replace(/\p{Nd}+/u, String(updates)) : "";
}

/** A row that is shown takes on its new form where it stands. */
function change(row) {
  const shown = document.getElementById(row.id);
  if (shown) morph(shown, row);
  else fresh.set(row.id, row);
}

/** Moves as few rows as it can, so that whatever has the focus keeps it. */
function arrange() {
  const box = list();
  if (!box) return;
  const ids = order.map((id) => `row-${id}`);
  const wanted = new Set(ids);
  for (const row of [...box.children]) if (!wanted.has(row.id)) row.remove();
  let next = box.firstElementChild;
  for (const id of ids) {
    const row = document.getElementById(id) ?? fresh.get(id);
    if (!row) continue;
    if (row === next) next = next.nextElementSibling;
    else box.insertBefore(row, next);
  }
}

function apply() {
  if (whole && rows()) morph(rows(), whole);
  if (order) arrange();
  const isOther = Boolean(whole);
  forget();
  if (isOther) show();
}

function wait() {
  updates += 1;
  tell();
  timer ||= setInterval(() => {
    if (isHeld()) leftAt = 0;
    else if (!leftAt) leftAt = Date.now();
    else if (Date.now() - leftAt >= LEFT) apply();
  }, LOOK);
}

const ids = (box) => [...box.querySelectorAll("li[id]")].map((row) => row.id).join();

/** A whole list: nothing waits where its rows stand as they do. */
function takeWhole(box) {
  [fresh, order] = [new Map(), null];
  whole = box;
  const isHeldUp = (timer || isHeld()) && list() && ids(box) !== ids(rows());
  if (!isHeldUp) return apply();
  for (const row of box.querySelectorAll("li[id]")) {
    const shown = document.getElementById(row.id);
    if (shown) morph(shown, row.cloneNode(true));
  }
  wait();
}

/** Everything as it came from the socket. */
export function take({ html, a }) {
  const body = parse(html).body;
  if (!a) return body.firstElementChild && takeWhole(body.firstElementChild);
  if (whole) return merge(body, a.order);
  for (const row of [...body.children]) change(row);
  if (!a.order) return;
  order = a.order;
  if (timer || isHeld()) wait();
  else apply();
}

/** What waits is whole: it becomes a list of rows and their order. */
function merge(body, next) {
  for (const row of whole.querySelectorAll("li[id]")) fresh.set(row.id, row);
  order ??= [...whole.querySelectorAll("li[id]")].map((row) => row.id.slice("row-".length));
  whole = null;
  for (const row of [...body.children]) change(row);
  if (next) order = next;
  wait();
}

/** Another page of the same list is put in place: its rows wait as well, while somebody is at this one. */
function put({ detail: page }) {
  const [shown, coming] = [rows(), page.getElementById("rows")];
  if (!shown || !coming) return forget();
  if (!isHeld() || shown.dataset.sub !== coming.dataset.sub || ids(shown) === ids(coming) || !list()) return forget();
  const current = coming.querySelector("[aria-current]")?.closest("li").id;
  const kept = shown.cloneNode(true);
  for (const row of kept.querySelectorAll("a.row")) {
    if (row.closest("li").id === current) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }
  coming.replaceWith(kept);
  [fresh, order, whole] = [new Map(), null, coming];
  wait();
}

/** What is due says so by itself, when its time comes, in colour and words. */
function show() {
  const now = Date.now();
  for (const chip of document.querySelectorAll(".chip[data-warn]")) {
    const due = Date.parse(chip.querySelector("time").dateTime);
    const [look, words] =
      now >= due ? ["bad", chip.dataset.late] : now >= Date.parse(chip.dataset.warn) ? ["warn", chip.dataset.soon] : [];
    if (!look || chip.classList.contains(look)) continue;
    chip.className = `chip ${look}`;
    chip.firstElementChild.textContent = words;
  }
}

document.addEventListener("desk:put", put);
document.addEventListener("desk:after", tell);
document.addEventListener("click", (event) => event.target === pill() && apply());
setInterval(show, 1000);
show();
