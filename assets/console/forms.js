// Forms are answered in place; what is refused keeps its text.
import * as drafts from "./drafts.js";
import { end } from "./log.js";
import { here, load, refresh } from "./pages.js";
import { toast } from "./toasts.js";
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
  // Whoever signed in elsewhere in this browser does not say what somebody else wrote.
  if (document.documentElement.dataset.live === "auth") {
    document.dispatchEvent(new CustomEvent("desk:signed-out"));
    return { status: 401, error: { message: say("script-signed-out") } };
  }
  const signal = AbortSignal.timeout(20000);
  const answer = await fetch(action, { method: "POST", headers: { accept: "application/json" }, body, signal, keepalive: true });
  if (answer.status === 401) {
    document.dispatchEvent(new CustomEvent("desk:live", { detail: "auth" }));
    document.dispatchEvent(new CustomEvent("desk:signed-out"));
  }
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

const log = (form) => form.closest(".thread")?.querySelector(".log");

/** Says why where the form is in sight; to whoever is elsewhere by now too. */
function explain(form, action, message) {
  if (form?.isConnected) complain(form, message);
  else toast(message, say("script-open"), () => load(place(action)), place(action));
}

/** A message on its way. The stored one takes its place by client id. */
function bubble(form, cid, text) {
  const entry = element("li", `entry sending ${form.classList.contains("note") ? "note" : "from-staff"}`);
  entry.id = `m-${cid}`;
  const face = document.querySelector(".top .face").cloneNode(true);
  const box = element("div", "bubble");
  const words = element("p", "text", text);
  words.dir = "auto";
  box.append(words);
  const meta = element("div", "meta");
  meta.append(element("span", "", say("script-sending")));
  entry.append(face, box, meta);
  log(form).append(entry);
  if (form.isConnected) end();
  return entry;
}

function fail(message) {
  const { entry } = message;
  if (!entry.isConnected) return explain(giveBack(message), message.action, say("script-refused"));
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
  // Its answer may be lost: what stands in the log was taken.
  if (said.ok || message.isTaken) {
    drafts.finish(message);
    const isLive = document.documentElement.dataset.live === "on";
    if (!isLive) entry.remove();
    if (!isLive || form.dataset.after === "refresh") refresh();
    return;
  }
  if (said.status >= 500 || said.status === 429) return fail(message);
  const shown = giveBack(message);
  if (shown && said.error?.code === "stale") await newest(shown);
  const why = said.error?.message ?? say("script-refused");
  explain(shown, action, shown ? why : `${say("script-not-sent")}: ${why}`);
  // Who may not reply any more finds it beside the note.
  if (!shown && location.pathname === place(action)) refresh();
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
  // Whoever is signed out sends nothing: it stays for their next page.
  if (document.documentElement.dataset.live === "auth") return;
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

export function write(form) {
  const field = form.elements.body;
  const text = field.value;
  const { files } = form.elements;
  if (!text.trim() && !files?.value) return;
  if (!log(form)) return explain(null, form.action, say("script-refused"));
  complain(form);
  form.elements.cid.value = drafts.again(field) ?? form.elements.cid.value;
  const body = new URLSearchParams(new FormData(form));
  if (body.has("last")) body.set("last", log(form).dataset.last);
  const entry = bubble(form, form.elements.cid.value, text.trim() ? text : files.title);
  form.elements.cid.value = newId();
  field.value = "";
  const message = { form, action: form.action, field, body, text, entry, cid: body.get("cid") };
  drafts.begin(message);
  if (drafts.conversation(field)) drafts.keep(field);
  form.dispatchEvent(new CustomEvent("desk:sent", { bubbles: true }));
  field.focus();
  enqueue(message, hold(message));
}

async function command(form, button) {
  if (form.ariaBusy) return;
  form.ariaBusy = "true";
  button?.setAttribute("aria-disabled", "true");
  const isHere = here();
  try {
    const body = new URLSearchParams(new FormData(form, button));
    complain(form);
    await sent(form.action);
    if (body.has("last")) body.set("last", log(form).dataset.last);
    const said = await post(form.action, body);
    if (!said.ok) {
      if (said.status === 409) await refresh();
      return explain(form, form.action, said.error?.message ?? say("script-failed"));
    }
    form.removeAttribute("data-dirty");
    form.closest("details")?.removeAttribute("open");
    // Whoever went on meanwhile is not called back.
    if (form.dataset.then === "go" && isHere()) await load(said.to);
    else if (form.dataset.then !== "stay") refresh();
  } catch {
    explain(form, form.action, say("script-unreachable"));
  } finally {
    form.ariaBusy = null;
    button?.removeAttribute("aria-disabled");
  }
}

/** Before the page is left by a form, whatever was written on it is sent. */
async function flush(event) {
  const { target, submitter } = event;
  if (!drafts.isPending()) return;
  event.preventDefault();
  letGo();
  await Promise.all(queues.values());
  target.requestSubmit(submitter);
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
    if (form.method !== "post" || "ask" in form.dataset) return;
    if ("plain" in form.dataset || !form.dataset.then) return flush(event);
    event.preventDefault();
    if (form.classList.contains("write")) write(form);
    else command(form, event.submitter);
  });
}
