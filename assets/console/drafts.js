// What was typed and is not with the other side yet. Each conversation has its own: in this tab's store, and with the server
// for whoever comes back in another one.

/** What left its field and was not taken yet, oldest first: as long as it may come back, it is part of the draft. */
const waiting = new Set();

export const conversation = (el) => el.closest(".composer")?.dataset.conversation;
const isNote = (el) => el.closest(".write")?.classList.contains("note") ?? false;
const key = (el) => `draft:${conversation(el)}:${isNote(el) ? "note" : "reply"}`;

/** What the field holds, under the texts of the messages that are chosen. */
function under(field, chosen) {
  const shown = document.getElementById(field.id) ?? field;
  const texts = [...waiting].filter((message) => message.field.id === field.id && chosen(message)).map(({ text }) => text);
  return [...texts, shown.value].filter(Boolean).join("\n");
}

/** The draft that is left once this message is taken. */
export const draftWithout = (message) => under(message.field, (other) => other !== message);

/** To the server. Whoever leaves takes along what is held back: that is no longer part of the draft. */
export function save(field, isLeaving = false) {
  const body = under(field, (message) => !isLeaving || message.hasFailed);
  const fields = new URLSearchParams({ body });
  if (isNote(field)) fields.set("is_note", "1");
  // What fails is still in this browser's own store.
  fetch(`/console/c/${conversation(field)}/draft`, { method: "POST", body: fields, keepalive: true }).catch(() => {});
}

/** In this tab: what is typed, with what could not be sent above it. */
export function keep(field) {
  sessionStorage.setItem(key(field), under(field, (message) => message.hasFailed));
}

/** While a message is on its way, no page that is printed meanwhile puts its text into the field a second time. */
export function begin(message) {
  message.hasFailed = false;
  const { field } = message;
  if (!conversation(field)) return;
  waiting.add(message);
  field.setAttribute("data-dirty", "");
  keep(field);
}

export function fail(message) {
  message.hasFailed = true;
  if (!conversation(message.field)) return;
  keep(message.field);
  save(message.field);
}

export function finish(message) {
  waiting.delete(message);
  const field = document.getElementById(message.field.id) ?? message.field;
  if (!field.value) field.removeAttribute("data-dirty");
  if (conversation(field)) keep(field);
}

/** Into a field that was just printed. What is on its way is with its message; what failed elsewhere is text again. */
export function fill(field, isOther) {
  const kept = sessionStorage.getItem(key(field));
  const own = [...waiting].filter((message) => message.field.id === field.id);
  if (isOther && own.length) {
    for (const message of own) if (message.hasFailed) waiting.delete(message);
    field.value = kept ?? "";
  } else if (kept && !field.value && !own.length) field.value = kept;
  if (field.value || own.length) field.setAttribute("data-dirty", "");
}
