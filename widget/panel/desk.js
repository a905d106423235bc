// Which of the panel's faces is shown, and what is on it: loading, start, away, thanks, chat, ended, blocked, error.

import { awayForm, thanks } from "./away.js";
import { byId } from "./dom.js";
import { drawEnded } from "./ended.js";
import { focusFirst } from "./forms.js";
import { needsStart, startForm } from "./start.js";
import { announce } from "./status.js";
import { say } from "./words.js";

const sheet = byId("sheet");
const foot = byId("ended");
const faces = [...byId("desk").children];

export class Desk {
  #panel;
  #endedFor = null;
  #said = "";

  view = "";
  trouble = false;
  ticket = null;
  wantsTicket = false;

  // panel: session, record, outbox, link, composer, host, email, begin(frame), again(), changed()
  constructor(panel) {
    this.#panel = panel;
    byId("again").onclick = panel.again;
    byId("retry").onclick = () => panel.link.restart();
  }

  #choose() {
    const { session, record, outbox, link } = this.#panel;
    if (link.state === "blocked") return "blocked";
    if (this.ticket !== null) return "thanks";
    if (!session.answer) return this.trouble ? "error" : "loading";
    if (this.wantsTicket) return "away";
    if (record.state === "ended" && outbox.messages.length === 0) return "ended";
    if (record.isOpen || outbox.messages.length > 0) return "chat";
    if (record.id) return "loading";
    if (!session.answer.site.open) return "away";
    return needsStart(session.answer) ? "start" : "chat";
  }

  #content(view) {
    const { session, record, composer, begin, again, changed } = this.#panel;
    const done = (number) => {
      this.settle(number);
      composer.write("");
      changed();
    };
    if (view === "start") return [startForm(session.answer, composer.draft, begin)];
    if (view === "away") return [awayForm(session, composer.draft, done, record.isOpen && this.backToChat)];
    return view === "thanks" ? [thanks(this.ticket, session.answer?.site.open && again)] : [];
  }

  // What was begun as a letter goes along.
  backToChat = () => {
    const text = sheet.querySelector("textarea")?.value;
    if (text) this.#panel.composer.write(text);
    this.settle();
    this.#panel.changed();
  };

  // A letter was sent and has this number, or is not wanted any more.
  settle(number = null) {
    this.ticket = number;
    this.wantsTicket = false;
  }

  draw() {
    const { composer } = this.#panel;
    const view = this.#choose();
    this.#ended(view);
    this.#report(view);
    if (view === this.view) return;
    const hadFocus = document.hasFocus() && document.activeElement !== document.body;
    this.view = byId("panel").dataset.view = view;
    composer.hide(view !== "chat");
    sheet.replaceChildren(...this.#content(view));
    for (const face of faces) face.hidden = face !== sheet && face.dataset.on !== view;
    byId("desk").hidden = foot.hidden === false || view === "chat";
    if (hadFocus || this.owesFocus) this.focus();
  }

  #report(view) {
    const { record, host } = this.#panel;
    const state = view === "chat" && record.id ? record.state : view;
    if (state !== this.#said) host.event("state", state);
    this.#said = state;
  }

  #ended(view) {
    const { record } = this.#panel;
    const key = view === "ended" ? `${record.id} ${record.ticket}` : null;
    if (key === this.#endedFor) return;
    this.#endedFor = key;
    foot.hidden = !key;
    if (!key) return;
    announce(say("ended"));
    drawEnded(this.#panel);
  }

  // Into the composer or the first field; what is not drawn yet gets it when it comes.
  focus() {
    const { view } = this;
    this.owesFocus = view === "loading";
    if (view === "chat") this.#panel.composer.focus();
    else if (view === "ended") foot.querySelector("h2").focus();
    else focusFirst(byId("desk"));
  }
}
