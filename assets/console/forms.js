// Forms are answered in place; what is refused keeps its text.
import * as drafts from "./drafts.js";
import { end } from "./log.js";
import { load, refresh } from "./pages.js";
import { say } from "./words.js";

/** What is on its way, conversation by conversation: by the address of each. */
const queues = new Map();
const place = (action) => new URL(action, location.href).pathname.split("/").slice(0, 4).join("/");
const queue = (action) => queues.get(place(action)) ?? Promise.resolve();

/** A time-ordered id (UUIDv7), so that sending twice stores once. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  for (let i = 0, ms = Date.now(); i < 6; i++) bytes[5 - i] = Math.floor(ms / 256 ** i) % 256;
  bytes[6] = (bytes[6] & 15) | 112;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

async function post(action, body) {
  const signal = AbortSignal.timeout(20000);
  const answer = await fetch(action, { method: "POST", headers: { accept: "application/json" }, body, signal, keepalive: true });
  if (answer.status === 401) document.dispatchEvent(new CustomEvent("desk:live", { detail: "auth" }));
  const said = await answer.json().catch(() => ({}));
  return { status: answer.status, ok: answer.ok, ...said };
}

export function complain(form, message) {
  form.querySelector(".problem")?.remove();
  if (!message) return;
  const line = document.createElement("p");
  line.className = "problem";
  line.setAttribute("role", "alert");
  line.textContent = message;
  form.prepend(line);
}

const element = (name, className, text = "") =>
  Object.assign(document.createElement(name), { className, textContent: text });

/** A message on its way. The stored one takes its place by client id. */
function bubble(cid, text, isNote) {
  const entry = element("li", `entry sending ${isNote ? "note" : "from-staff"}`);
  entry.id = `m-${cid}`;
  const face = document.querySelector(".top .face").cloneNode(true);
  const box = element("div", "bubble");
  const words = element("p", "text", text);
  words.dir = "auto";
  box.append(words);
  const meta = element("div", "meta");
  meta.append(element("span", "", say("script-sending")));
  entry.append(face, box, meta);
  document.querySelector(".log")?.append(entry);
  end();
  return entry;
}

function fail(message) {
  const { entry } = message;
  if (!entry.isConnected) return giveBack(message);
  message.hasFailed = true;
  entry.classList.replace("sending", "failed");
  const button = element("button", "small", say("script-try-again"));
  button.type = "button";
  button.addEventListener("click", () => {
    entry.classList.replace("failed", "sending");
    entry.querySelector(".meta").replaceChildren(element("span", "", say("script-sending")));
    drafts.begin(message);
    enqueue(message);
  });
  entry.querySelector(".meta").replaceChildren(element("span", "", say("script-not-sent")), button);
  drafts.settle();
}

/** What was written is in its field again. Gives the form that shows it. */
function giveBack(message) {
  message.entry.remove();
  const field = drafts.giveBack(message);
  field?.dispatchEvent(new Event("input", { bubbles: true }));
  return field?.form;
}

async function deliver(message) {
  if (message.isGone) return;
  const { form, action, body, entry } = message;
  message.isGone = true;
  let said;
  try {
    said = await post(action, body);
  } catch {
    said = { status: 503 };
  }
  message.isGone = false;
  if (said.ok) {
    drafts.finish(message);
    const isLive = document.documentElement.dataset.live === "on";
    if (!isLive) entry.remove();
    if (!isLive || form.dataset.after === "refresh") refresh();
    return;
  }
  if (said.status >= 500 || said.status === 429) return fail(message);
  const shown = giveBack(message);
  if (!shown) return;
  if (said.error?.code === "stale") await newest(shown);
  complain(shown, said.error?.message ?? say("script-refused"));
}

/** What somebody else wrote meanwhile is shown before the form says so. */
function newest({ action, elements }) {
  const page = `${action.replace(/\/reply$/, "")}?view=${elements.view.value}`;
  return load(page, { push: location.search.includes("before=") });
}

/** One after the other: messages arrive in the order they were written. `goes` says whether it still does. */
function enqueue(message, goes = true) {
  const sent = queue(message.action).then(async () => {
    if (await goes) await deliver(message);
    else giveBack(message);
  });
  queues.set(place(message.action), sent);
}

/** What lets go of the replies that are held back, and where each goes. */
const held = new Map();

function letGo(where) {
  for (const [go, action] of held) if (!where || place(action) === where) go();
}

/** A page that goes cannot wait for what is in line: all of it leaves at once. */
function leave() {
  letGo();
  for (const message of drafts.leave()) {
    if (!message.isGone) post(message.action, message.body).catch(() => {});
    message.isGone = true;
  }
}

/** Before anything else is done about a conversation, what was written into it is sent. */
function sent(action) {
  letGo(place(action));
  return queue(action);
}

/** Waits before a reply leaves, with a button to take it back. Whoever leaves the page sends it. */
function hold({ entry, action }) {
  const seconds = Number(document.body.dataset.hold);
  if (!seconds || entry.classList.contains("note")) return true;
  return new Promise((decide) => {
    const button = element("button", "small", say("script-undo"));
    button.type = "button";
    entry.querySelector(".meta").append(button);
    const settle = (goes) => {
      button.remove();
      clearTimeout(timer);
      held.delete(go);
      decide(goes);
    };
    const go = () => settle(true);
    const timer = setTimeout(go, seconds * 1000);
    held.set(go, action);
    button.addEventListener("click", () => settle(false));
  });
}

function write(form) {
  const field = form.elements.body;
  const text = field.value;
  const { files } = form.elements;
  if (!text.trim() && !files?.value) return;
  complain(form);
  const body = new URLSearchParams(new FormData(form));
  if (body.has("last")) body.set("last", document.querySelector(".log").dataset.last);
  const entry = bubble(form.elements.cid.value, text.trim() ? text : files.title, form.classList.contains("note"));
  form.elements.cid.value = newId();
  field.value = "";
  const message = { form, action: form.action, field, body, text, entry, cid: body.get("cid") };
  drafts.begin(message);
  form.dispatchEvent(new CustomEvent("desk:sent", { bubbles: true }));
  field.focus();
  enqueue(message, hold(message));
}

async function command(form, button) {
  if (form.ariaBusy) return;
  form.ariaBusy = "true";
  button?.setAttribute("aria-disabled", "true");
  try {
    const body = new URLSearchParams(new FormData(form, button));
    await sent(form.action);
    const said = await post(form.action, body);
    complain(form, said.ok ? "" : (said.error?.message ?? say("script-failed")));
    if (!said.ok) return said.status === 409 && refresh();
    form.removeAttribute("data-dirty");
    form.closest("details")?.removeAttribute("open");
    if (form.dataset.then === "go") await load(said.to);
    else if (form.dataset.then === "here") refresh();
  } catch {
    complain(form, say("script-unreachable"));
  } finally {
    form.ariaBusy = null;
    button?.removeAttribute("aria-disabled");
  }
}

export function start() {
  addEventListener("pagehide", leave);
  document.addEventListener("input", ({ target }) => {
    if (target.matches(".write textarea")) complain(target.form);
    // What is chosen or typed there outlives what is drawn anew meanwhile.
    target.closest("#sheet .form")?.setAttribute("data-dirty", "");
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || "plain" in form.dataset || !form.dataset.then) return;
    event.preventDefault();
    if (form.classList.contains("write")) write(form);
    else command(form, event.submitter);
  });
}
