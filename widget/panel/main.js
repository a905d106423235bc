// The panel: waits for the shop's page to introduce itself, then puts the parts together.

import { awaitHost, shops } from "./bridge.js";
import { Composer } from "./composer.js";
import { Desk } from "./desk.js";
import { byId, textButton } from "./dom.js";
import { Header } from "./header.js";
import { late } from "./later.js";
import { Line } from "./line.js";
import { announce, watchConnection } from "./status.js";
import { dress } from "./theme.js";
import { say } from "./words.js";

const LONG_WAIT_S = 300;

class Panel extends Line {
  #text = null;
  #context = null;
  #messages = null;
  #placed = null;
  #said;

  constructor(host, hello) {
    super(host, hello);
    const { kept, context, trail, referrer } = hello;
    this.#said = [...trail.slice(kept.live ? -1 : 0).map((line) => ({ line })), context];
    const [url, ...title] = (trail.at(-1) ?? "").split(" ");
    this.session.page = { url, title: title.join(" "), referrer: referrer.split(/[?#]/)[0] };
    this.composer = this.#makeComposer(kept.draft ?? "");
    this.header = new Header(this.reading, {
      close: () => host.tell("close"),
      end: () => this.outbox.add({ type: "close", conversation: this.record.id }),
    });
    this.desk = new Desk(this);
    this.instead = byId("instead");
    this.instead.append(textButton(say("instead"), () => this.open({ view: "ticket" })));
    this.#listenToHost();
    this.#listenToParts();
    this.#listenToKeys();
    this.show(hello.open, false);
    this.draw();
  }

  begin = (frame) => {
    this.composer.write("");
    this.host.keep("draft", null);
    this.press(frame);
    this.#messages?.toEnd();
  };

  again = () => {
    this.desk.settle();
    this.record.dismiss();
    this.draw();
    this.desk.focus();
  };

  // Where to write to, as far as it is known.
  get email() {
    return this.session.answer?.shopper?.email || this.record.events[0]?.intake?.email || "";
  }

  #makeComposer(draft) {
    const composer = new Composer({
      send: (body) => this.begin({ type: "send", body }),
      isFull: () => this.outbox.isFull,
      draft: (text) => {
        this.host.keep("draft", text || null);
        this.host.cast({ draft: text });
      },
      typing: (on) => this.record.isOpen && this.link.send({ type: "typing", conversation: this.record.id, on }),
    });
    composer.write(draft);
    return composer;
  }

  #messageActions() {
    return {
      changed: this.changed,
      older: () => this.chat.older(),
      retry: (item) => this.outbox.retry(item),
      discard: (item) => this.outbox.remove(item.frame.cid),
      recall: ({ id }) => this.outbox.add({ type: "recall", event: id }, (code) => code && announce(say("late"))),
      nav: (event, href) => this.#follow(event, href),
    };
  }

  // A link into the shop moves the shop's page and keeps the chat; any other opens beside it.
  #follow(event, href) {
    if (!URL.canParse(href) || !shops.includes(new URL(href).origin)) return;
    event.preventDefault();
    this.host.tell("nav", { url: href });
  }

  #listenToHost() {
    const { host, session, link } = this;
    host.on("open", ({ on, focus, how, token }) => {
      if (token && !session.token) session.token = token;
      if (how) this.open(how);
      this.show(on, focus);
    });
    host.on("send", ({ text }) => {
      this.#text = text;
      this.changed();
    });
    host.on("identify", ({ token }) => {
      session.identity = token;
      link.restart();
    });
    host.on("theme", ({ theme }) => dress(theme));
    host.on("ctx", (part) => {
      this.#said.push(part);
      this.changed();
    });
    host.on("tab", ({ draft }) => {
      if (draft !== undefined) this.composer.draft = draft;
    });
  }

  #listenToParts() {
    const { record, link, desk } = this;
    record.on("event", ({ event, isNews }) => {
      const { kind, by } = event;
      if (isNews && ["assigned", "message"].includes(kind) && by?.role !== "shopper") desk.backToChat();
    });
    link.on("session", () => {
      desk.trouble = false;
    });
    link.on("trouble", (error) => {
      desk.trouble = true;
      this.host.event("error", { code: error.code ?? "unreachable" });
      this.changed();
    });
    watchConnection(link);
  }

  #listenToKeys() {
    addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.isComposing) return;
      if (!this.header.escape()) this.host.tell("close");
    });
  }

  open({ view, text }) {
    if (view === "ticket") this.desk.wantsTicket = true;
    if (text) this.composer.write(text);
    this.changed();
  }

  show(on, focus) {
    this.reading.isOpen = on;
    this.want();
    this.reading.update();
    if (!on) return;
    this.#messages?.toEnd();
    if (focus) this.desk.focus();
  }

  #sayGiven() {
    if (this.#text === null || !["chat", "start", "ended"].includes(this.desk.view)) return;
    const text = this.#text;
    this.#text = null;
    if (this.desk.view === "start" || this.outbox.isFull) this.composer.write(text);
    else this.begin({ type: "send", body: text });
  }

  draw() {
    super.draw();
    const { record, outbox, chat, desk } = this;
    this.composer.max = chat.limits.body_chars ?? 8000;
    desk.draw();
    const isShown = desk.view === "chat" || desk.view === "ended";
    byId("log").hidden = !isShown;
    byId("hello").hidden = desk.view !== "chat" || Boolean(record.id) || outbox.messages.length > 0;
    this.#drawLater();
    this.header.draw(record, desk.view);
    this.instead.hidden = desk.view !== "chat" || record.state !== "queued";
    this.instead.lastChild.hidden = !(record.queue?.wait?.low_s > LONG_WAIT_S);
    this.#sayGiven();
  }

  // Messages and context come with the later half, which is asked for as soon as there is something to show.
  async #drawLater() {
    const { record, outbox, chat, link } = this;
    if (!record.id && outbox.messages.length === 0 && !this.#messages) return;
    const { Messages, Context, placeFor } = await late().catch(() => ({}));
    if (!Messages) return;
    this.#messages ??= new Messages(this.#messageActions());
    this.#messages.draw(record, outbox, chat);
    if (record.state === "queued" && record.id !== this.#placed) {
      this.#placed = record.id;
      placeFor(this);
    }
    // Nothing of the visit is told before there is a chat.
    this.#context ??= new Context(link, () => record.isOpen && link.state === "up");
    for (const part of this.#said.splice(0)) this.#context.hear(part);
    this.#context.pump();
  }
}

awaitHost((host, hello) => {
  dress(hello.theme);
  byId("hello").textContent = say("hello");
  new Panel(host, hello);
  host.ready();
});

// For the half that is fetched later.
export { avatar, byId, h, icon, textButton } from "./dom.js";
export { field, form, markAll } from "./forms.js";
export { request } from "./http.js";
export { newCid } from "./signals.js";
export { announce } from "./status.js";
export { region, say, sayCount } from "./words.js";
