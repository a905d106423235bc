// Frames in, frames out: routes what the server says to the record, the outbox and the typing line, and turns an
// acknowledgement into the event it stands for.

import { restore, showEarlier } from "./history.js";
import { announce } from "./status.js";
import { showTyping, stopTyping } from "./typing.js";
import { say } from "./words.js";

const standsFor = {
  // What is written to is open, be it again.
  send: ({ body }, files) => ({ kind: "message", body, files, again: true }),
  close: () => ({ kind: "closed", reason: "shopper" }),
  rate: ({ score, comment }) => ({ kind: "rated", score, comment }),
  recall: ({ event }) => ({ kind: "recalled", target: event }),
};

// line: session, record, outbox, link, host
export function chatOf(line) {
  const { record, outbox, link, host } = line;
  let hasCaughtUp = false;
  let clockSkew = 0;

  const chat = {
    limits: {},
    get now() {
      return Date.now() + clockSkew;
    },
  };

  const hear = {
    welcome({ limits, now }) {
      chat.limits = limits;
      clockSkew = new Date(now) - Date.now();
    },
    replay({ events }) {
      for (const event of events) take(event, hasCaughtUp);
    },
    synced(frame) {
      record.synced(frame);
      shown();
    },
    async reset(frame) {
      record.pause(frame);
      try {
        await restore(line, frame);
        shown();
      } catch (error) {
        if (record.paused !== frame) return;
        if (error.status === 404) record.refuse();
        else link.lose();
      }
    },
    event: (frame) => take(frame, true),
    ack({ cid, conversation, id, seq, at }) {
      const item = outbox.items.find(({ frame }) => frame.cid === cid);
      const content = seq && item && standsFor[item.frame.type]?.(item.frame, item.files);
      const event = { conversation, id, seq, at, cid, by: { role: "shopper" }, ...content };
      if (content) record.take(event);
      chat.settle(event);
    },
    nack(frame) {
      if (frame.cid) outbox.refuse(frame);
      else if (frame.code === "forbidden") record.refuse();
    },
    typing: (frame) => frame.conversation === record.id && showTyping(frame),
    read({ conversation, upto, by }) {
      if (conversation === record.id && by?.role !== "shopper") record.mark("seen", upto);
    },
    delivered({ conversation, upto }) {
      if (conversation === record.id) record.mark("delivered", upto);
    },
    queue({ conversation, position, wait }) {
      if (conversation !== record.id || !record.isOpen) return;
      record.queue = { position, wait };
      record.emit("change");
    },
    probe_ok({ heads }) {
      if (heads?.[record.id] > record.last) link.restart();
    },
  };

  // The server has shown what it holds: what is not among that can go, or be given up.
  function shown() {
    hasCaughtUp = true;
    outbox.pump();
  }

  chat.older = () => showEarlier(line).catch(() => announce(say("error")));

  function take(event, isNews) {
    if (event.by?.role !== "shopper") stopTyping();
    chat.settle(event);
    record.take(event, isNews);
  }

  // The server has it, by whichever word that comes first; the other tabs hear it from here.
  chat.settle = (event) => {
    const item = outbox.remove(event.cid);
    if (!item) return;
    item.settled?.();
    if (!event.kind) return;
    host.cast({ own: event });
    if (event.kind === "message") host.event("message", { role: "shopper", body: event.body });
  };

  function tell({ kind, by, body, agent, files = [] }) {
    const name = agent?.name;
    if (kind === "message" && by?.role !== "shopper")
      announce(`${by?.name ?? ""}: ${[body ?? "", ...files.map((file) => file.name)].join(" ")}`);
    if (kind === "assigned") {
      announce(say("joined", { name }));
      host.event("agent", { name });
    }
    if (kind === "left") announce(say("left", { name }));
  }

  link.on("frame", (frame) => hear[frame.type]?.(frame));
  record.on("gap", link.restart);
  record.on("event", ({ event, isNews }) => isNews && tell(event));
  return chat;
}
