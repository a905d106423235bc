// Where the shopper writes. Enter sends, except while an input method composes and on touch keyboards.

import { byId, icon, onTouch } from "./dom.js";
import { late } from "./later.js";
import { announce } from "./status.js";
import { dir, say } from "./words.js";

const SAVE_AFTER = 300;
const TYPING_AGAIN = 4000;
const TYPING_OVER = 5000;

export class Composer {
  #form = byId("composer");
  #text = byId("text");
  #button = byId("send");
  #length = byId("length");
  #saving = 0;
  #typedAt = 0;
  #idle = 0;
  #on;

  max = 8000;

  // on: send(body), isFull(), draft(text), typing(on)
  constructor(on) {
    this.#on = on;
    this.#text.setAttribute("aria-label", say("write"));
    this.#text.placeholder = say("write");
    this.#button.setAttribute("aria-label", say("send"));
    this.#button.append(icon("send"));
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    this.#text.addEventListener("keydown", (event) => this.#key(event));
    this.#text.addEventListener("input", () => this.#written());
    this.#fit();
  }

  get draft() {
    return this.#text.value;
  }

  set draft(text) {
    if (text === this.#text.value || document.activeElement === this.#text) return;
    this.write(text);
  }

  write(text) {
    this.#text.value = text;
    this.#fit();
  }

  hide(on) {
    if (this.#form.hidden === on) return;
    this.#form.hidden = on;
    if (!on) this.#fit();
  }

  focus() {
    if (!onTouch()) this.#text.focus();
  }

  // keyCode 229: Safari ends the composition before the Enter that ended it arrives.
  #key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229 || onTouch()) return;
    event.preventDefault();
    this.#send();
  }

  #written() {
    this.#fit();
    clearTimeout(this.#saving);
    this.#saving = setTimeout(() => this.#on.draft(this.draft), SAVE_AFTER);
    clearTimeout(this.#idle);
    if (!this.draft) {
      this.#stopTyping();
      return;
    }
    this.#idle = setTimeout(() => this.#stopTyping(), TYPING_OVER);
    if (Date.now() - this.#typedAt < TYPING_AGAIN) return;
    this.#typedAt = Date.now();
    late().catch(() => {});
    this.#on.typing(true);
  }

  #stopTyping() {
    clearTimeout(this.#idle);
    if (!this.#typedAt) return;
    this.#typedAt = 0;
    this.#on.typing(false);
  }

  #fit() {
    const { style } = this.#text;
    this.#text.dir = this.draft ? "auto" : dir;
    // The form keeps its height while its text is measured, or the log above would lose its end.
    this.#form.style.minHeight = `${this.#form.offsetHeight}px`;
    style.height = "auto";
    style.height = `${Math.min(this.#text.scrollHeight, 132)}px`;
    this.#form.style.minHeight = "";
    const n = this.draft.length < this.max - 500 ? 0 : [...this.draft].length;
    const isTooLong = n > this.max;
    this.#note(n < this.max - 500 ? "" : `${n} / ${this.max}`);
    this.#text.setAttribute("aria-invalid", isTooLong);
    this.#button.disabled = isTooLong || !this.draft.trim();
  }

  #note(text) {
    this.#length.textContent = text;
    this.#length.hidden = !text;
  }

  #send() {
    if (this.#button.disabled) return;
    if (this.#on.isFull()) {
      this.#on.draft(this.draft);
      this.#note(say("full"));
      announce(say("full"));
      return;
    }
    const body = this.draft;
    clearTimeout(this.#saving);
    this.#stopTyping();
    this.write("");
    this.#on.draft("");
    this.#on.send(body);
  }
}
