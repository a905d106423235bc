// Files of a reply or note: picked, pasted or dropped, uploaded at once, sent with the message.
import { write as send } from "./forms.js";
import { say } from "./words.js";

const known = new Map();

const write = (node) => node.closest?.(".write[data-most]");
const tray = (form) => form.querySelector(".tray");
const field = (form) => form.elements.files;
const ids = (form) => field(form).value.split(",").filter(Boolean);

/** A pasted picture has no name of its own. */
function named(file) {
  if (!/^image\.\w+$/.test(file.name)) return file;
  const stamp = new Date().toISOString().slice(0, 19).replace(/[:T]/g, "-");
  return new File([file], file.name.replace("image", `pasted-${stamp}`), { type: file.type });
}

function button(text, press) {
  const made = Object.assign(document.createElement("button"), {
    type: "button",
    className: "small",
    textContent: text,
  });
  made.addEventListener("click", press);
  return made;
}

function row(name) {
  const item = document.createElement("li");
  item.append(Object.assign(document.createElement("bdi"), { textContent: name }));
  return item;
}

/** The form holds what is ready; what is drawn anew meanwhile leaves it alone. */
function settle(form) {
  const listed = [...tray(form).children];
  field(form).value = listed
    .map((item) => item.dataset.file)
    .filter(Boolean)
    .join(",");
  field(form).title = listed.map((item) => `📎 ${item.querySelector("bdi").textContent}`).join("\n");
  for (const part of [tray(form), field(form)]) part.toggleAttribute("data-dirty", listed.length > 0);
  form.elements.body.required = listed.length === 0;
}

function ready(form, item, file) {
  known.set(file.id, file.name);
  item.dataset.file = file.id;
  item.querySelector("bdi").textContent = file.name;
  const remove = button(say("script-remove"), () => {
    item.remove();
    settle(form);
    form.elements.body.focus();
  });
  remove.ariaLabel = say("script-remove-file", { name: file.name });
  item.replaceChildren(item.firstChild, remove);
  settle(form);
}

function failed(form, item, file, message, mayRetry) {
  const why = Object.assign(document.createElement("span"), { className: "problem", textContent: message });
  why.setAttribute("role", "alert");
  const again = button(say("script-try-again"), () => upload(form, item, file));
  const drop = button(say("script-remove"), () => {
    item.remove();
    settle(form);
  });
  item.replaceChildren(item.firstChild, why, ...(mayRetry ? [again, drop] : [drop]));
  delete form.dataset.sends;
}

function upload(form, item, file) {
  const bar = document.createElement("progress");
  bar.ariaLabel = say("script-uploading", { name: file.name });
  bar.max = 1;
  const request = new XMLHttpRequest();
  const stop = button(say("script-cancel"), () => request.abort());
  item.replaceChildren(item.firstChild, bar, stop);
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) bar.value = event.loaded / event.total;
  });
  request.addEventListener("abort", () => {
    item.remove();
    settle(form);
  });
  request.addEventListener("error", () => failed(form, item, file, say("script-broke-off"), true));
  request.addEventListener("load", () => {
    const said = request.response ?? {};
    if (request.status === 201) ready(form, item, said);
    else failed(form, item, file, said.error?.message ?? say("script-not-uploaded"), request.status >= 429);
    goOn(form);
  });
  const body = new FormData();
  body.append("file", file, file.name);
  request.open("POST", form.action.replace(/\w+$/, "files"));
  request.responseType = "json";
  request.setRequestHeader("accept", "application/json");
  request.send(body);
}

/** What waited for its files leaves, also where somebody else's conversation is shown by now. */
function goOn(form) {
  if (!form.dataset.sends || tray(form).querySelector("progress")) return;
  delete form.dataset.sends;
  if (form.isConnected) return form.requestSubmit();
  const { body } = form.elements;
  const shown = document.getElementById(body.id);
  if (!shown) return send(form);
  // They have come back to it: it is that field's, and what was changed in it since is not sent for them.
  const files = [...tray(form).children].filter(({ dataset }) => dataset.file);
  const isSame = shown.value === body.value;
  attach(
    shown.form,
    files.map(({ dataset, firstChild }) => ({ id: dataset.file, name: firstChild.textContent })),
  );
  if (isSame) shown.form.requestSubmit();
}

function add(form, files) {
  for (const raw of files) {
    const file = named(raw);
    const item = row(file.name);
    const isOneTooMany = tray(form).childElementCount >= Number(form.dataset.most);
    tray(form).append(item);
    if (isOneTooMany) failed(form, item, file, say("script-too-many-files", { most: form.dataset.most }), false);
    else if (file.size > Number(form.dataset.max))
      failed(form, item, file, say("script-too-large", { most: Math.round(form.dataset.max / 1048576) }), false);
    else upload(form, item, file);
  }
  settle(form);
}

/** Something that comes from elsewhere: sending waits for it. */
export function expect(form, stop) {
  const item = row("");
  item.append(document.createElement("progress"), button(say("script-cancel"), stop));
  tray(form).append(item);
  settle(form);
  return item;
}

/** What is uploaded already, in the place of what was expected; none, where it did not come: then nothing is sent by itself. */
export function attach(form, files, expected) {
  expected?.remove();
  for (const file of files) {
    const item = row(file.name);
    tray(form).append(item);
    ready(form, item, file);
  }
  if (!files.length) delete form.dataset.sends;
  settle(form);
  goOn(form);
}

function picked({ target }) {
  const form = target.matches?.(".attach input") && write(target);
  if (!form) return;
  add(form, target.files);
  target.value = "";
  form.elements.body.focus();
}

function pasted(event) {
  const form = write(event.target);
  const files = event.clipboardData?.files;
  // A spreadsheet's cells come as text and as a picture of it: the text is meant.
  if (!form || !files?.length || event.clipboardData.types.includes("text/plain")) return;
  event.preventDefault();
  add(form, files);
}

/** Anywhere over a conversation a file goes to what is being written there. */
function target(event) {
  if (!event.dataTransfer?.types.includes("Files")) return null;
  return [...document.querySelectorAll(".write[data-most]")].find((form) => form.checkVisibility()) ?? null;
}

function dragged(event) {
  const form = target(event);
  for (const other of document.querySelectorAll(".write.over")) other.classList.toggle("over", other === form);
  if (!form) return;
  event.preventDefault();
  form.classList.add("over");
}

function dropped(event) {
  const form = target(event);
  for (const other of document.querySelectorAll(".write.over")) other.classList.remove("over");
  if (!form) return;
  event.preventDefault();
  add(form, event.dataTransfer.files);
}

/** Whoever sends while something is on its way sends it once all of it is there. */
function sent(event) {
  const form = write(event.target);
  if (!form || !tray(form).querySelector("progress")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  form.dataset.sends = "1";
}

/** What was refused comes back with its text. */
function restore({ target: body }) {
  const form = write(body);
  if (!form || tray(form).childElementCount || !field(form).value) return;
  for (const id of ids(form)) {
    const item = row("");
    tray(form).append(item);
    ready(form, item, { id, name: known.get(id) ?? say("script-file") });
  }
}

export function start() {
  document.addEventListener("change", picked);
  document.addEventListener("paste", pasted);
  document.addEventListener("dragover", dragged);
  document.addEventListener("dragleave", (event) => event.relatedTarget || dragged(new Event("dragleave")));
  document.addEventListener("drop", dropped);
  document.addEventListener("submit", sent, true);
  document.addEventListener("input", restore);
  document.addEventListener("desk:arrive", () => {
    for (const target of document.querySelectorAll(".write[data-most] textarea")) restore({ target });
  });
  document.addEventListener("desk:sent", (event) => {
    const form = write(event.target);
    if (!form) return;
    tray(form).replaceChildren();
    settle(form);
  });
}
