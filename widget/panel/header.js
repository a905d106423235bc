// Who the shopper is talking with, what is happening, and the panel's three buttons.

import { avatar, byId, h, iconButton, textButton } from "./dom.js";
import { announceSometimes } from "./status.js";
import { say, sayCount } from "./words.js";

export function queueText({ queue }) {
  if (!queue) return say("finding");
  const place = queue.position > 1 ? say("number", { n: queue.position }) : say("next");
  if (!queue.wait) return place;
  const [low, high] = [queue.wait.low_s, queue.wait.high_s].map((seconds) => Math.max(1, Math.round(seconds / 60)));
  return say("both", { a: place, b: sayCount("wait", high, low) });
}

export class Header {
  #face = byId("face");
  #title = byId("title");
  #subtitle = byId("subtitle");
  #confirm = byId("confirm");
  #name;
  #end;
  #bell;
  #reading;

  // on: close(), end()
  constructor(reading, on) {
    this.#name = this.#title.textContent;
    this.#reading = reading;
    this.#end = iconButton("end", say("end"), () => this.ask(true));
    this.#bell = h("span");
    byId("tools").append(this.#bell, this.#end, iconButton("close", say("close"), on.close));
    const yes = textButton(say("end"), () => this.ask(false) || on.end(), "danger");
    this.#confirm.append(
      h("span", {}, say("ask")),
      yes,
      textButton(say("keep"), () => this.ask(false)),
    );
    this.#drawBell();
  }

  ask(on) {
    this.#confirm.hidden = !on;
    if (on) this.#confirm.querySelector("button").focus();
    else if (!this.#end.hidden) this.#end.focus();
  }

  // The innermost layer goes first.
  escape() {
    if (this.#confirm.hidden) return false;
    this.ask(false);
    return true;
  }

  #drawBell() {
    const { muted } = this.#reading;
    const button = iconButton(muted ? "mute" : "bell", say(muted ? "unmute" : "mute"), () => {
      this.#reading.setMuted(!muted);
      this.#drawBell();
      this.#bell.firstChild.focus();
    });
    this.#bell.replaceChildren(button);
  }

  draw(record, view) {
    const who = view === "chat" && record.agent ? record.agent : { name: this.#name };
    if (this.#title.textContent !== who.name) this.#title.textContent = who.name;
    this.#face.replaceChildren(avatar(who));
    const waits = view === "chat" && (record.state === "queued" || record.state === "left");
    const queued = waits ? queueText(record) : "";
    const about = queued || (view === "chat" && record.agent ? this.#name : "");
    if (this.#subtitle.textContent !== about) {
      this.#subtitle.textContent = about;
      if (queued) announceSometimes(queued);
    }
    this.#end.hidden = !record.isOpen;
    if (!record.isOpen) this.#confirm.hidden = true;
  }
}
