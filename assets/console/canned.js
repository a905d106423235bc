// Replies that are ready: a slash at the beginning of a word opens them, and the chosen one takes the place of what was
// typed after it. Two slashes are one. In a note an at sign opens the names of colleagues. Loaded with the first sign.
import { attach, expect } from "./files.js";
import { complain } from "./forms.js";
import { parse } from "./html.js";
import { say } from "./words.js";

const WAIT = 150;
/** Whoever pressed Enter waits no longer for the list. */
const PATIENCE = 3000;

let field = null;
let list = null;
let due = 0;
let asking = null;
/** What stands in the field has not been answered yet; a key that was pressed meanwhile is for the list to come. */
let isLate = false;
let held = null;
const known = new Map();

/** The sign and what follows it, up to the caret; and what is asked for it. */
function token(area) {
  const before = area.value.slice(0, area.selectionStart);
  const found = /(?:^|\s)(?:\/([^\s/]*)|@([^\s@]*))$/.exec(before);
  const [, slash, text = slash] = found ?? [];
  if (!found || !area.form.matches(slash === undefined ? ".note, .room" : ":not(.room)")) return null;
  const path = slash === undefined ? "colleagues" : "canned";
  return { path, from: before.length - text.length - 1, to: before.length, text };
}

function close() {
  clearTimeout(due);
  asking?.abort();
  list?.remove();
  list = null;
  isLate = false;
  held = null;
  for (const name of ["aria-activedescendant", "aria-controls", "aria-autocomplete"]) field?.removeAttribute(name);
  field = null;
}

const options = () => [...(list?.querySelectorAll("[role=option]") ?? [])];
const marked = () => options().find((option) => option.ariaSelected === "true");

function mark(option) {
  for (const other of options()) other.ariaSelected = other === option;
  if (option) field.setAttribute("aria-activedescendant", option.id);
  else field.removeAttribute("aria-activedescendant");
  option?.scrollIntoView({ block: "nearest" });
}

/** The key as it would have been a moment later: the list takes it, or the field does. */
function give() {
  const [area, event] = [field, held];
  isLate = false;
  held = null;
  if (!event || !area) return;
  const { key, ctrlKey, metaKey, altKey } = event;
  const again = new KeyboardEvent("keydown", { key, ctrlKey, metaKey, altKey, bubbles: true, cancelable: true });
  if (!area.dispatchEvent(again) || key !== "Enter") return;
  area.setRangeText("\n", area.selectionStart, area.selectionEnd, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

function show(html) {
  draw(html);
  give();
}

function fail() {
  list?.remove();
  list = null;
  give();
  close();
}

function draw(html) {
  const fresh = parse(html).querySelector("[role=listbox]");
  if (!fresh || !field) return;
  if (!fresh.childElementCount) {
    const none = document.createElement("p");
    none.textContent = fresh.dataset.none;
    none.className = "canned soft";
    none.setAttribute("role", "status");
    list?.remove();
    list = none;
    field.before(none);
    return field.removeAttribute("aria-activedescendant");
  }
  list?.remove();
  list = fresh;
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", ({ target }) => take(target.closest("[role=option]")));
  field.before(list);
  field.setAttribute("aria-controls", list.id);
  field.setAttribute("aria-autocomplete", "list");
  mark(options()[0]);
}

async function ask(area, { path, text }) {
  const url = `${new URL(path, area.form.action)}?${new URLSearchParams({ q: text })}`;
  if (known.has(url)) return show(known.get(url));
  asking?.abort();
  asking = new AbortController();
  try {
    const answer = await fetch(url, { signal: AbortSignal.any([asking.signal, AbortSignal.timeout(PATIENCE)]) });
    if (!answer.ok) return fail();
    const html = await answer.text();
    known.set(url, html);
    // What was changed meanwhile is seen soon.
    setTimeout(() => known.delete(url), 60000);
    show(html);
  } catch (problem) {
    if (problem.name !== "AbortError") fail();
  }
}

/** It comes earlier next time, and its files come along. */
async function use(form, url, hasFiles) {
  const stop = new AbortController();
  const expected = hasFiles && form.dataset.most ? expect(form, () => stop.abort()) : null;
  const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(20000)]);
  let files = [];
  try {
    const answer = await fetch(url, {
      method: "POST",
      headers: { accept: "application/json" },
      keepalive: true,
      signal,
    });
    const said = await answer.json();
    known.clear();
    if (!answer.ok) complain(form, said.error?.message ?? say("script-not-uploaded"));
    else files = said.files;
  } catch (problem) {
    if (problem.name !== "AbortError") complain(form, say("script-unreachable"));
  }
  if (expected) attach(form, files, expected);
}

function take(option) {
  const place = field && token(field);
  if (!option || !place) return;
  const area = field;
  area.setRangeText(option.dataset.text, place.from, place.to, "end");
  const used = option.id.slice("canned-".length);
  const hasFiles = "files" in option.dataset;
  close();
  area.dispatchEvent(new Event("input", { bubbles: true }));
  area.focus();
  if (place.path === "canned") use(area.form, new URL(`canned/${used}`, area.form.action), hasFiles);
}

/** Called with every change of a field in which somebody writes. */
export function look(area) {
  const before = area.value.slice(0, area.selectionStart);
  if (/(?:^|\s)\/\/$/.test(before)) {
    area.setRangeText("/", before.length - 2, before.length, "end");
    return close();
  }
  const place = token(area);
  if (!place) return close();
  if (field !== area) close();
  field = area;
  isLate = true;
  held = null;
  asking?.abort();
  clearTimeout(due);
  due = setTimeout(() => ask(area, place), known.size ? WAIT : 0);
}

/** Enter that comes before the answer to what was typed: the list still shows what was asked before it, or nothing. */
function hold(event) {
  if (!isLate || event.shiftKey || !(event.key === "Enter" || (event.key === "Tab" && list))) return false;
  held = event;
  return true;
}

/** `true`: the key was for the list. */
function took(event) {
  if (hold(event)) return true;
  if (!list) return false;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const all = options();
  if (event.key === "Escape") close();
  else if (step && all.length) mark(all[(all.indexOf(marked()) + step + all.length) % all.length]);
  else if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey && marked()) take(marked());
  else return false;
  return true;
}

export function key(event) {
  if (!field || event.target !== field || event.isComposing || event.keyCode === 229 || !took(event)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}

export function leave(area) {
  if (area === field) close();
}
