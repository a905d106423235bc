// Frames in, frames out: routes what the server says to the record, the outbox and the typing line, and turns an
// acknowledgement into the event it stands for.

import { late } from "./later.js";
import { announce } from "./status.js";
import { showTyping, stopTyping } from "./typing.js";
import { say } from "./words.js";

const PATIENCE = 5000;

const standsFor = {
  send: ({ body }) => ({ kind: "message", body }),
  close: () => ({ kind: "closed", reason: "shopper" }),
  rate: ({ score, comment }) => ({ kind: "rated", score, comment }),
  recall: ({ event }) => ({ kind: "recalled", target: event }),
};

export class Chat {
  #parts;
  #caughtUp = false;
  #nobody = 0;

  limits = {};
  clockSkew = 0;

  // parts: session, record, outbox, link, host
  constructor(parts) {
    this.#parts = parts;
    parts.link.on("frame", (frame) => this.#hear[frame.type]?.(frame));
    parts.link.on("down", () => clearTimeout(this.#nobody));
    parts.record.on("gap", () => parts.link.restart());
    parts.record.on("event", ({ event, isNews }) => isNews && this.#announce(event));
  }

  get now() {
    return Date.now() + this.clockSkew;
  }

  #hear = {
    welcome: ({ limits, now }) => {
      this.limits = limits ?? {};
      if (now) this.clockSkew = new Date(now) - Date.now();
      const { record } = this.#parts;
      this.#nobody = setTimeout(() => record.state === "none" && record.id && record.dismiss(), PATIENCE);
    },
    replay: ({ events }) => {
      for (const event of events) this.#event(event, this.#caughtUp);
    },
    synced: (frame) => {
      this.#parts.record.synced(frame);
      this.#caughtUp = true;
    },
    reset: (frame) => this.#reset(frame),
    event: (frame) => this.#event(frame, true),
    ack: (frame) => this.#ack(frame),
    nack: (frame) => this.#parts.outbox.refuse(frame),
    typing: (frame) => frame.conversation === this.#parts.record.id && showTyping(frame),
    read: ({ conversation, upto, by }) => {
      const { record } = this.#parts;
      if (conversation === record.id && by?.role !== "shopper") record.markSeen(upto);
    },
    queue: ({ conversation, position, wait }) => {
      const { record } = this.#parts;
      if (conversation !== record.id || !record.isOpen) return;
      record.queue = { position, wait };
      record.emit("change");
    },
    probe_ok: ({ heads }) => {
      const { record, link } = this.#parts;
      const head = Array.isArray(heads)
        ? heads.find((one) => one.conversation === record.id)?.head
        : heads?.[record.id];
      if (head > record.last) link.restart();
    },
  };

  async #reset(frame) {
    try {
      await (await late()).restore(this.#parts, frame);
      this.#caughtUp = true;
    } catch {
      this.#parts.link.lose();
    }
  }

  async older() {
    try {
      await (await late()).showEarlier(this.#parts);
    } catch {
      announce(say("error"));
    }
  }

  #event(event, isNews) {
    const { record, outbox } = this.#parts;
    if (event.cid && event.by?.role === "shopper") this.#settle(event.cid, outbox);
    if (event.by?.role !== "shopper") stopTyping();
    record.take(event, isNews);
  }

  #settle(cid, outbox) {
    outbox.remove(cid)?.settled?.();
  }

  #ack({ cid, conversation, id, seq, at }) {
    const { record, outbox, host } = this.#parts;
    const item = outbox.items.find(({ frame }) => frame.cid === cid);
    const content = item && standsFor[item.frame.type]?.(item.frame);
    if (content && seq) {
      const by = { role: "shopper" };
      const event = { conversation, id, seq, at, cid, by, ...content };
      record.take(event);
      host.cast({ own: event });
      if (content.kind === "message") host.event("message", { role: "shopper", body: content.body });
    }
    this.#settle(cid, outbox);
  }

  #announce({ kind, by, body, agent }) {
    const { host } = this.#parts;
    if (kind === "message" && by?.role !== "shopper") announce(`${by?.name ?? ""}: ${body ?? ""}`);
    if (kind === "assigned") {
      announce(say("joined", { name: agent?.name ?? "" }));
      host.event("agent", { name: agent?.name });
    }
    if (kind === "left") announce(say("left", { name: agent?.name ?? "" }));
  }
}
