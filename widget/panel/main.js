// The panel: waits for the shop's page to introduce itself, then puts the parts together.

import { awaitHost, isOurs } from "./bridge.js";
import { composerFor } from "./composer.js";
import { contextFor, pageOf } from "./context.js";
import { deskFor } from "./desk.js";
import { byId } from "./dom.js";
import { emojiFor, notify } from "./extras.js";
import { trayFor } from "./files.js";
import { dismissed, drawHeader, wireHeader } from "./header.js";
import { Line } from "./line.js";
import { drawMessages, toEnd } from "./messages.js";
import { placeFor } from "./place.js";
import { announce, watchConnection } from "./status.js";
import { dress } from "./theme.js";
import { say } from "./words.js";

const LONG_WAIT_S = 300;

class Panel extends Line {
  #text = null;
  #placed = null;

  constructor(host, hello) {
    super(host, hello);
    const { kept, context, trail, referrer } = hello;
    this.context = contextFor(this);
    for (const line of trail.slice(kept.live ? -1 : 0)) this.context({ line });
    this.context(context);
    this.session.page = { ...pageOf(trail.at(-1) ?? ""), referrer: referrer.split(/[?#]/)[0] };
    this.tray = trayFor(this);
    this.composer = composerFor(this);
    emojiFor(this);
    this.composer.write(kept.draft ?? "");
    wireHeader(
      this.reading,
      () => this.outbox.add({ type: "close", conversation: this.record.id }),
      () => host.tell("close"),
    );
    this.desk = deskFor(this);
    byId("mail").onclick = () => this.open({ view: "ticket" });
    byId("notify").onclick = () => notify(this);
    this.#listenToHost();
    this.#listenToParts();
    this.#listenToKeys();
    this.asked = Boolean(kept.asked);
    this.show(hello.open, false);
    this.draw();
    if (!kept.files) return;
    host.keep("files", null);
    this.composer.note(say("behind"));
  }

  begin = (frame, files) => {
    this.composer.write("");
    this.composer.keep();
    this.press(frame, files);
    toEnd();
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

  // What the list of messages may ask for.
  retry = (item) => this.outbox.retry(item);
  discard = (item) => this.outbox.remove(item.frame.cid);
  recall = ({ id }) => this.outbox.add({ type: "recall", event: id }, (code) => code && announce(say("late")));

  // A link into the shop moves the shop's page and keeps the chat; any other opens beside it.
  nav = (event, href) => {
    if (!isOurs(href)) return;
    event.preventDefault();
    this.host.tell("nav", { url: href });
  };

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
    host.on("ctx", this.context);
    host.on("tab", ({ draft }) => draft === undefined || this.composer.follow(draft));
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
      if (!dismissed()) this.host.tell("close");
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
    toEnd();
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
    const { record, outbox, chat, desk, session } = this;
    this.composer.max = chat.limits.body_chars ?? 8000;
    desk.draw();
    const { view } = desk;
    const isChat = view === "chat";
    const isShown = isChat || view === "ended";
    byId("log").hidden = !isShown;
    byId("hello").hidden = !isChat || Boolean(record.id) || outbox.messages.length > 0;
    if (isShown) drawMessages(this);
    this.context({});
    drawHeader(record, view);
    const waits = isChat && record.state === "queued";
    if (waits && record.id !== this.#placed) {
      this.#placed = record.id;
      placeFor(this);
    }
    const mayNotify = isChat && record.isOpen && session.answer?.site.push && !this.asked;
    byId("hold").hidden = !waits;
    byId("mail").hidden = !waits || !(record.queue?.wait?.low_s > LONG_WAIT_S);
    byId("notify").hidden = !mayNotify;
    byId("attach").hidden = !session.answer?.site.files;
    byId("instead").hidden = !waits && !mayNotify;
    this.#sayGiven();
  }
}

awaitHost((host, hello) => {
  dress(hello.theme);
  new Panel(host, hello);
  host.ready();
});
