// Which of the panel's faces is shown, and what is on it: loading, start, away, thanks, chat, ended, blocked, error.

import { byId, h, textButton } from "./dom.js";
import { focusFirst } from "./forms.js";
import { late } from "./later.js";
import { needsStart, startForm } from "./start.js";
import { announce } from "./status.js";
import { say } from "./words.js";

const skeleton = () => h("div", { class: "sheet skeleton", "aria-busy": "true" }, h("i"), h("i"), h("i"));

const sentence = (text, button) => h("div", { class: "sheet center", role: "alert" }, h("p", {}, text), button);

export class Desk {
  #panel = byId("panel");
  #sheet = byId("desk");
  #foot = byId("ended");
  #parts;
  #endedFor = null;
  #said = "";

  view = "";
  trouble = false;
  ticket = null;
  wantsTicket = false;

  // parts: session, record, outbox, link, composer, host, email, begin(frame), again(), changed()
  constructor(parts) {
    this.#parts = parts;
  }

  #choose() {
    const { session, record, outbox, link } = this.#parts;
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
    const { session, record, composer, begin, again, link, changed } = this.#parts;
    const done = (number) => {
      this.settle(number);
      composer.write("");
      changed();
    };
    const faces = {
      loading: skeleton,
      start: () => startForm(session.answer, composer.draft, begin),
      away: () => {
        const back = record.isOpen && this.backToChat;
        return this.#later(view, ({ awayForm }) => awayForm({ session, draft: composer.draft, done, back }));
      },
      thanks: () => this.#later(view, ({ thanks }) => thanks(this.ticket, session.answer?.site.open && again)),
      blocked: () => sentence(say("blocked")),
      error: () =>
        sentence(
          say("error"),
          textButton(say("retry"), () => link.restart(), "primary"),
        ),
    };
    return faces[view]?.();
  }

  // What was begun as a letter goes along.
  backToChat = () => {
    const text = this.#sheet.querySelector("textarea")?.value;
    if (text) this.#parts.composer.write(text);
    this.settle();
    this.#parts.changed();
  };

  // A letter was sent and has this number, or is not wanted any more.
  settle(number = null) {
    this.ticket = number;
    this.wantsTicket = false;
  }

  #later(view, make) {
    late()
      .then((parts) => {
        if (view !== this.view) return;
        this.#sheet.replaceChildren(make(parts));
        if (this.owesFocus) this.focus();
      })
      .catch(() => {
        const retry = textButton(say("retry"), () => this.#sheet.replaceChildren(this.#content(view)), "primary");
        this.#sheet.replaceChildren(sentence(say("error"), retry));
      });
    return skeleton();
  }

  draw() {
    const { composer } = this.#parts;
    const view = this.#choose();
    this.#ended(view);
    this.#report(view);
    if (view === this.view) return;
    const hadFocus = document.hasFocus() && document.activeElement !== document.body;
    this.view = view;
    this.#panel.dataset.view = view;
    composer.hide(view !== "chat");
    const content = this.#content(view);
    this.#sheet.replaceChildren(...(content ? [content] : []));
    this.#sheet.hidden = !content;
    if (hadFocus || this.owesFocus) this.focus();
  }

  #report(view) {
    const { record, host } = this.#parts;
    const state = view === "chat" && record.id ? record.state : view;
    if (state !== this.#said) host.event("state", state);
    this.#said = state;
  }

  async #ended(view) {
    const { record, outbox, again, host, email } = this.#parts;
    const key = view === "ended" ? `${record.id} ${record.ticket}` : null;
    if (key === this.#endedFor) return;
    this.#endedFor = key;
    this.#foot.hidden = !key;
    this.#foot.replaceChildren();
    if (!key) return;
    announce(say("ended"));
    const rated = (score) => host.event("rate", { score });
    try {
      const { endedCard } = await late();
      if (key === this.#endedFor) this.#foot.replaceChildren(endedCard({ record, outbox, email, again, rated }));
    } catch {
      this.#foot.replaceChildren(textButton(say("again"), again, "primary"));
    }
  }

  // Into the composer or the first field; what is not drawn yet gets it when it comes.
  focus() {
    this.owesFocus = this.view === "loading" || Boolean(this.#sheet.querySelector(".skeleton"));
    if (this.view === "chat") this.#parts.composer.focus();
    else if (this.view === "ended") this.#foot.querySelector("h2")?.focus();
    else focusFirst(this.#sheet);
  }
}
