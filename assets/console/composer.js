// Writing: Enter sends, drafts are kept here and on the server, the other side sees that somebody types.
import { conversation, fill, guard, isSaving, keep, save, settle } from "./drafts.js";

const SAVE_AFTER = 1000;
const TYPING_EVERY = 3000;
const TYPING_ENDS = 5000;

const isCoarse = matchMedia("(pointer: coarse)");

/** What somebody sent last, where it may still be corrected. */
function correctLast(event) {
  const link = [...document.querySelectorAll(".log .entry .correct")].findLast((el) => getComputedStyle(el).display !== "none");
  if (!link || link.closest(".late")) return;
  event.preventDefault();
  link.click();
}

export class Composer {
  #live;
  #saving = 0;
  #unsaved = null;
  #stopping = 0;
  #saidAt = 0;
  #picker = null;
  #saved = null;

  constructor(live) {
    this.#live = live;
  }

  start() {
    document.addEventListener("keydown", (event) => this.#key(event));
    document.addEventListener("input", (event) => this.#input(event.target));
    document.addEventListener("change", (event) => this.#mode(event.target));
    document.addEventListener("desk:sent", (event) => this.#sent(event.target));
    // Before the page is asked for again, or another takes its place, or it is left, the server has what was typed.
    for (const name of ["desk:refresh", "desk:before-load", "desk:put"]) document.addEventListener(name, () => this.#save());
    addEventListener("pagehide", () => this.#save(true));
    document.addEventListener("desk:arrive", (event) => this.#arrive(event.detail));
    for (const name of ["desk:entry", "desk:arrive"]) document.addEventListener(name, settle);
    this.#arrive({ isOther: true });
  }

  /** A slash asks for replies that are ready, an at sign for colleagues; before that nothing of them is loaded. */
  #canned(field) {
    if (!this.#picker && !/(^|\s)[/@]\S*$/.test(field.value.slice(0, field.selectionStart))) return;
    this.#picker ??= import("./canned.js").then((picker) => {
      document.addEventListener("keydown", picker.key, true);
      document.addEventListener("focusout", ({ target }) => picker.leave(target));
      return picker;
    });
    this.#picker.then((picker) => document.activeElement === field && picker.look(field));
  }

  /** Enter that ends a composition of an input method belongs to the input method. */
  #key(event) {
    const field = event.target;
    if (event.key === "Enter" && field.matches?.(".modes input")) this.#focus();
    if (event.key === "ArrowUp" && !field.value && field.matches?.(".write.reply textarea")) correctLast(event);
    if (event.key !== "Enter" || !field.matches?.(".write textarea, .correct textarea") || isCoarse.matches) return;
    if (event.shiftKey || event.altKey || event.isComposing || event.keyCode === 229) return;
    // Whoever wants Ctrl+Enter gets a new line from Enter; Ctrl+Enter sends for everybody.
    if (document.body.dataset.send === "ctrl" && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    field.form.requestSubmit();
  }

  #input(field) {
    if (!field.matches?.("textarea, .pop input, .choose input")) return;
    field.toggleAttribute("data-dirty", field.value !== field.defaultValue || field.value !== "");
    if (!conversation(field) || field.name !== "body") return;
    guard(field);
    this.#canned(field);
    keep(field);
    clearTimeout(this.#saving);
    this.#unsaved = field;
    this.#saving = setTimeout(() => this.#save(), SAVE_AFTER);
    if (field.matches("[data-may] .reply *")) this.#typing(conversation(field), field.value !== "");
  }

  #save(atOnce) {
    const field = this.#unsaved;
    this.#unsaved = null;
    if (field?.isConnected) this.#saved = save(field, atOnce);
  }

  #typing(id, on) {
    clearTimeout(this.#stopping);
    if (on) this.#stopping = setTimeout(() => this.#typing(id, false), TYPING_ENDS);
    const now = Date.now();
    if (on && now - this.#saidAt < TYPING_EVERY) return;
    if (!on && !this.#saidAt) return;
    this.#saidAt = on ? now : 0;
    this.#live.send({ typing: { conversation: id, on } });
  }

  #sent(form) {
    const field = form.elements.body;
    guard(field);
    clearTimeout(this.#saving);
    this.#unsaved = null;
    if (!conversation(field)) return;
    // What is held back is no longer typed: nobody shall find it in the field and send it again.
    if (Number(document.body.dataset.hold) || isSaving()) save(field);
    this.#typing(conversation(field), false);
  }

  /** A text goes along when the mode changes, unless the other field has one. */
  #mode(radio) {
    if (!radio.matches?.(".modes input")) return;
    const [reply, note] = [".reply", ".note"].map((kind) =>
      radio.closest(".composer").querySelector(`.write${kind} textarea`),
    );
    const [from, to] = radio.value === "note" ? [reply, note] : [note, reply];
    if (from.value && !to.value) {
      to.value = from.value;
      from.value = "";
      for (const field of [from, to]) this.#input(field);
    }
    // Arrow keys stay at the modes.
    if (!radio.matches(":focus-visible")) to.focus();
  }

  /** Whoever opens a chat of theirs wants to answer it. */
  #focus() {
    const fields = [...document.querySelectorAll(".composer[data-may=reply] .write textarea, .correct textarea")];
    const field = fields.find((field) => field.checkVisibility());
    field?.focus({ preventScroll: true });
    field?.setSelectionRange(field.value.length, field.value.length);
    return field;
  }

  #arrive({ isOther, isLost }) {
    for (const field of document.querySelectorAll(".composer .write textarea")) {
      if (conversation(field)) fill(field);
      guard(field);
    }
    if (!isOther && !isLost) return;
    const field = !isCoarse.matches && this.#focus();
    // Who may not reply any more finds it beside the note, once the server has it.
    if (isLost && !field) this.#saved?.then(() => document.dispatchEvent(new CustomEvent("desk:refresh")));
  }
}
