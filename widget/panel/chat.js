// Frames in, frames out: routes what the server says to the record, the outbox and the typing line, and turns an
// acknowledgement into the event it stands for.

import { restore, showEarlier } from "./history.js";
import { announce } from "./status.js";
import { showTyping, stopTyping } from "./typing.js";
import { say } from "./words.js";

const standsFor = {
  send: ({ body }, files) => ({ kind: "message", body, files }),
  close: () => ({ kind: "closed", reason: "shopper" }),
  rate: ({ score, comment }) => ({ kind: "rated", score, comment }),
  recall: ({ event }) => ({ kind: "recalled", target: event }),
};

export class Chat {
  #parts;
  #caughtUp = false;

  limits = {};
  clockSkew = 0;

  // parts: session, record, outbox, link, host
  constructor(parts) {
    this.#parts = parts;
    parts.link.on("frame", (frame) => this.#hear[frame.type]?.(frame));
    parts.record.on("gap", () => parts.link.restart());
    parts.record.on("event", ({ event, isNews }) => isNews && this.#announce(event));
  }

  get now() {
    return Date.now() + this.clockSkew;
  }

  #hear = {
    welcome: ({ limits, now }) => {
      this.limits = limits;
      this.clockSkew = new Date(now) - Date.now();
    },
    replay: ({ events }) => {
      for (const event of events) this.#event(event, this.#caughtUp);
    },
    synced: (frame) => {
      this.#parts.record.synced(frame);
      this.#shown();
    },
    reset: (frame) => this.#reset(frame),
    event: (frame) => this.#event(frame, true),
    ack: (frame) => this.#ack(frame),
    nack: (frame) => {
      const { outbox, record } = this.#parts;
      if (frame.cid) outbox.refuse(frame);
      else if (frame.code === "forbidden") record.refuse();
    },
    typing: (frame) => frame.conversation === this.#parts.record.id && showTyping(frame),
    read: ({ conversation, upto, by }) => {
      const { record } = this.#parts;
      if (conversation === record.id && by?.role !== "shopper") record.mark("seen", upto);
    },
    delivered: ({ conversation, upto }) => {
      const { record } = this.#parts;
      if (conversation === record.id) record.mark("delivered", upto);
    },
    queue: ({ conversation, position, wait }) => {
      const { record } = this.#parts;
      if (conversation !== record.id || !record.isOpen) return;
      record.queue = { position, wait };
      record.emit("change");
    },
    probe_ok: ({ heads }) => {
      const { record, link } = this.#parts;
      if (heads?.[record.id] > record.last) link.restart();
    },
  };

  async #reset(frame) {
    const { record, link } = this.#parts;
    record.pause(frame);
    try {
      await restore(this.#parts, frame);
      this.#shown();
    } catch (error) {
      if (record.paused !== frame) return;
      if (error.status === 404) record.refuse();
      else link.lose();
    }
  }

  // The server has shown what it holds: what is not among that can go, or be given up.
  #shown() {
    this.#caughtUp = true;
    this.#parts.outbox.pump();
  }

  async older() {
    try {
      await showEarlier(this.#parts);
    } catch {
      announce(say("error"));
    }
  }

  #event(event, isNews) {
    if (event.by?.role !== "shopper") stopTyping();
    this.settle(event);
    this.#parts.record.take(event, isNews);
  }

  // The server has it, by whichever word that comes first; the other tabs hear it from here.
  settle = (event) => {
    const { outbox, host } = this.#parts;
    const item = outbox.remove(event.cid);
    if (!item) return;
    item.settled?.();
    if (!event.kind) return;
    host.cast({ own: event });
    if (event.kind === "message") host.event("message", { role: "shopper", body: event.body });
  };

  #ack({ cid, conversation, id, seq, at }) {
    const { record, outbox } = this.#parts;
    const item = outbox.items.find(({ frame }) => frame.cid === cid);
    const content = seq && item && standsFor[item.frame.type]?.(item.frame, item.files);
    const event = { conversation, id, seq, at, cid, by: { role: "shopper" }, ...content };
    if (content) record.take(event);
    this.settle(event);
  }

  #announce({ kind, by, body, agent, files = [] }) {
    const { host } = this.#parts;
    if (kind === "message" && by?.role !== "shopper")
      announce(`${by?.name ?? ""}: ${[body ?? "", ...files.map(({ name }) => name)].join(" ")}`);
    if (kind === "assigned") {
      announce(say("joined", { name: agent?.name }));
      host.event("agent", { name: agent?.name });
    }
    if (kind === "left") announce(say("left", { name: agent?.name }));
  }
}
