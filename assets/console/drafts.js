// What was typed and is not with the other side yet: what is in a conversation's fields, and what left them and was not taken.
// This tab keeps both, for its next page, should this one die; what is in a field the server keeps as well, for another tab.

/** Messages that left their field and were not taken yet, oldest first. */
const waiting = new Set();
/** What a page that was left or died may have sent or not: it is text again until its entry comes. */
const doubtful = new Set();
/** Fields that were looked at since they were printed. */
const filled = new WeakSet();

export const conversation = (el) => el.closest(".composer")?.dataset.conversation;

/** Its place in this tab's store. Another person who signs in here finds nothing of it. */
const at = (kind, id) => `${kind}:${document.body.dataset.me}:${id}`;

const of = (id) => [...waiting].filter((message) => message.field.id === id);

const stands = ({ id, text }) => `\n${document.getElementById(id)?.value}`.includes(`\n${text}`);

function remember(id) {
  const doubts = [...doubtful].filter((message) => message.id === id && stands(message));
  const unsent = [...of(id), ...doubts].map(({ text, cid }) => ({ text, cid }));
  if (unsent.length) sessionStorage.setItem(at("unsent", id), JSON.stringify(unsent));
  else sessionStorage.removeItem(at("unsent", id));
}

export const keep = ({ id, value }) => sessionStorage.setItem(at("draft", id), value);

/** What is printed anew meanwhile leaves it alone: the server may still know a text that is with its message here. */
export const guard = (field) => field.toggleAttribute("data-dirty", field.value !== "" || of(field.id).length > 0);

const PARTS = ["files", "replies"];

/** Files and answer buttons go where their text goes. */
function bring(field, { body }) {
  const { elements } = field.form;
  for (const name of PARTS) if (elements[name] && body.get(name)) elements[name].value ||= body.get(name);
}

/** `atOnce`: there is no time to wait until what was told before has arrived. */
export const save = (field, atOnce) => saveAt(field.form.action, field.value, field.matches(".write.note *"), atOnce);

let saved = Promise.resolve();
let saves = 0;

/** The server may hear of an older text after this. */
export const isSaving = () => saves > 0;

function saveAt(action, text, isNote, atOnce) {
  // Nor is it kept as the draft of whoever signed in since.
  if (document.documentElement.dataset.live === "auth") return;
  const body = new URLSearchParams({ body: text });
  if (isNote) body.set("is_note", "1");
  const told = () =>
    fetch(new URL("draft", action), { method: "POST", body, keepalive: true, signal: AbortSignal.timeout(5000) });
  // What fails is still in this browser's own store.
  saves += 1;
  saved = (atOnce ? told() : saved.then(told)).catch(() => {}).then(() => {
    saves -= 1;
  });
  return saved;
}

/** Something is to be sent still. */
export const isPending = () => [...waiting].some(({ hasFailed }) => !hasFailed);

export function begin(message) {
  message.hasFailed = false;
  if (!conversation(message.field)) return;
  waiting.add(message);
  remember(message.field.id);
  sessionStorage.setItem(at("sent", message.field.id), message.text);
  guard(message.field);
}

/** It was taken, or is text again. The server forgot its draft with it: what was typed meanwhile is told anew. */
export function finish(message) {
  if (!waiting.delete(message)) return;
  remember(message.field.id);
  const field = document.getElementById(message.field.id);
  if (!field) return;
  guard(field);
  if (field.value) save(field);
}

/** Its text is above what was typed meanwhile; in a field that is not shown it will be. Gives the field that shows it. */
export function giveBack(message) {
  const { id } = message.field;
  const field = document.getElementById(id) ?? (waiting.has(message) ? null : message.field);
  const above = (typed) => [message.text, typed].filter(Boolean).join("\n");
  if (field) {
    field.value = above(field.value);
    bring(field, message);
  } else {
    const text = above(sessionStorage.getItem(at("draft", id)));
    sessionStorage.setItem(at("draft", id), text);
    const before = new URLSearchParams(sessionStorage.getItem(at("parts", id)) ?? "");
    const all = (name) => [before.get(name), message.body.get(name)].filter(Boolean);
    const parts = { files: all("files").join(","), replies: all("replies").at(-1) ?? "" };
    sessionStorage.setItem(at("parts", id), new URLSearchParams(parts));
    saveAt(message.action, text, message.form.matches(".note"));
  }
  finish(message);
  return field;
}

const isInLog = ({ cid }) => document.querySelector(`.log [data-cid="${cid}"]`);

/** Their entries stand in the log: they were taken, whatever was answered. */
export function settle() {
  for (const message of doubtful) {
    const field = document.getElementById(message.id);
    if (!field || !isInLog(message)) continue;
    doubtful.delete(message);
    const value = `\n${field.value}`;
    const start = value.indexOf(`\n${message.text}`);
    if (start < 0) continue;
    const rest = value.slice(start + message.text.length + 1).trim();
    field.value = [value.slice(1, start), rest].filter(Boolean).join("\n");
    guard(field);
    keep(field);
    save(field);
    remember(field.id);
  }
  for (const message of waiting) {
    if (!isInLog(message)) continue;
    message.isTaken = true;
    message.entry.remove();
    finish(message);
  }
}

/** What may have been sent before goes under its own id once more: it arrives once. */
export function again({ id, value }) {
  const message = [...doubtful].find((message) => message.id === id && message.text === value);
  doubtful.delete(message);
  return message?.cid;
}

/** What is to be sent before the page goes; what failed stays for the next one, which looks whether the rest arrived. */
export function leave() {
  for (const { id } of doubtful) remember(id);
  const due = [...waiting].filter(({ hasFailed }) => !hasFailed);
  for (const message of due) waiting.delete(message);
  return due;
}

/** Into a field that was just printed: what could not be sent, or what a page that died had not sent yet; and what was typed. */
export function fill(field) {
  if (filled.has(field)) return;
  filled.add(field);
  const own = of(field.id);
  const lost = own.filter(({ hasFailed }) => hasFailed);
  const kept = sessionStorage.getItem(at("draft", field.id)) ?? "";
  const stored = own.length ? [] : JSON.parse(sessionStorage.getItem(at("unsent", field.id)) ?? "[]");
  const left = stored.filter((message) => !isInLog(message));
  for (const message of left) doubtful.add({ ...message, id: field.id });
  // Whoever loaded the page twice has them in what was typed.
  const isNew = ({ text }) => !`\n${kept}`.includes(`\n${text}`);
  const texts = [...lost, ...left.filter(isNew)].map(({ text }) => text);
  for (const message of lost) {
    message.entry.remove();
    waiting.delete(message);
    bring(field, message);
  }
  bring(field, { body: new URLSearchParams(sessionStorage.getItem(at("parts", field.id)) ?? "") });
  sessionStorage.removeItem(at("parts", field.id));
  // The server hears of what is typed a second later than this tab, and may still know what is with its message, or was sent.
  const isOld = kept.startsWith(field.value) || field.value === sessionStorage.getItem(at("sent", field.id));
  const typed = own.length || left.length || isOld ? kept : field.value;
  field.value = [...texts, typed].filter(Boolean).join("\n");
  remember(field.id);
  if (!texts.length) return;
  keep(field);
  save(field);
}
