// The palette: a dialog with a field and what the server finds for it; and the sheet of all keys. Loaded when first wanted.
import { parse } from "./html.js";
import { bound, press } from "./keys.js";
import { load } from "./pages.js";
import { say } from "./words.js";

const WAIT = 150;

let due = 0;
let asking = null;
/** What was typed when what is listed was found. */
let found = null;
/** Single keys that do something on the page below. */
let keys = "";

const dialog = document.createElement("dialog");
dialog.className = "palette";
dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
dialog.addEventListener("close", () => dialog.replaceChildren());
document.body.append(dialog);

const list = () => dialog.querySelector("[role=listbox]");
const options = () => [...dialog.querySelectorAll("[role=option]")];
const field = () => dialog.querySelector("input");

function mark(option) {
  for (const other of options()) other.ariaSelected = other === option;
  field().setAttribute("aria-activedescendant", option?.id ?? "");
  option?.scrollIntoView({ block: "nearest" });
}

const marked = () => options().find((option) => option.ariaSelected === "true");

function move(step) {
  const all = options();
  const at = all.indexOf(marked());
  mark(all[(at + step + all.length) % all.length]);
}

async function ask() {
  clearTimeout(due);
  asking?.abort();
  asking = new AbortController();
  const status = dialog.querySelector("[role=status]");
  try {
    const typed = field().value;
    const query = new URLSearchParams({ q: typed, keys });
    const answer = await fetch(`/console/palette?${query}`, { signal: asking.signal });
    if (!answer.ok) throw new Error(answer.status);
    const fresh = parse(await answer.text()).querySelector("[role=listbox]");
    list().replaceWith(fresh);
    status.textContent = fresh.dataset.said;
    mark(options()[0]);
    found = typed;
  } catch (problem) {
    if (problem.name !== "AbortError") status.textContent = say("script-palette-failed");
  }
}

function choose(option) {
  if (!option) return;
  dialog.close();
  const { go, be, press: key, write } = option.dataset;
  if (go) load(go);
  else if (key) bound(key) && press(bound(key));
  else if (write) {
    const form = Object.assign(document.createElement("form"), { method: "post", action: write });
    form.dataset.plain = "";
    document.body.append(form);
    form.requestSubmit();
  } else document.querySelector(`#status-form [name=status][value=${be}]`)?.click();
}

/** It is meant for what was typed, not for what the list showed before it. */
async function enter() {
  if (field().value !== found) await ask();
  if (field()?.value === found) choose(marked());
}

function key(event) {
  if (event.isComposing || event.keyCode === 229) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) move(step);
  else if (event.key === "Enter") enter();
  else return;
  event.preventDefault();
}

export function open() {
  if (dialog.open) return dialog.close();
  const shown = [...document.querySelectorAll("[data-key]")].filter((el) => el.checkVisibility());
  keys = shown.map((el) => el.dataset.key).filter((key) => key.length === 1).join("");
  const input = document.createElement("input");
  Object.assign(input, { type: "text", placeholder: say("script-palette-hint"), autocomplete: "off", dir: "auto" });
  const named = { role: "combobox", "aria-label": say("script-palette"), "aria-expanded": "true", "aria-controls": "found" };
  for (const [name, value] of Object.entries({ ...named, "aria-autocomplete": "list" })) input.setAttribute(name, value);
  const listed = document.createElement("ul");
  listed.id = "found";
  listed.setAttribute("role", "listbox");
  const status = document.createElement("p");
  status.className = "soft";
  status.setAttribute("role", "status");
  dialog.ariaLabel = say("script-palette");
  dialog.replaceChildren(input, listed, status);
  input.addEventListener("keydown", key);
  input.addEventListener("input", () => {
    clearTimeout(due);
    due = setTimeout(ask, WAIT);
  });
  dialog.onclick = (event) => {
    const option = event.target.closest?.("[role=option]");
    // A menu that is opened by this click is not one that it left.
    if (option) event.stopPropagation();
    choose(option);
  };
  dialog.showModal();
  found = null;
  ask();
}

/** The page that says what each key does, over this one. */
export async function showKeys() {
  const answer = await fetch("/console/keys");
  const page = parse(await answer.text()).querySelector("main");
  if (!page || dialog.open) return;
  page.removeAttribute("id");
  dialog.onclick = null;
  dialog.ariaLabel = page.querySelector("h1").textContent;
  dialog.replaceChildren(...page.childNodes);
  dialog.showModal();
}
