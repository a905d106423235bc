// The conversation as the server numbers it. Applies only the next number; an older one is ignored, a newer one is
// held for two seconds and then asked for. What the shopper sees of the state is read from these events alone.

import { Signals } from "./signals.js";

const HOLD = 2000;

export class Record extends Signals {
  #held = new Map();
  #timer = 0;
  #due = 0;
  #dismissed = new Set();
  #asked = null;
  #had = 0;
  #forked = false;

  constructor() {
    super();
    this.#clear(null);
  }

  #clear(id) {
    this.#held.clear();
    this.#due = 0;
    this.#forked = false;
    this.paused = null;
    Object.assign(this, {
      id,
      epoch: null,
      last: 0,
      tip: null,
      events: [],
      earlier: false,
      isOwed: false,
      state: "none",
      agent: null,
      seen: 0,
      delivered: 0,
      closedAt: null,
      ticket: null,
      rated: null,
      queue: null,
    });
  }

  get isOpen() {
    return this.state !== "none" && this.state !== "ended";
  }

  // What is held is part of the answer, or of a database that is no more.
  cursor() {
    this.#held.clear();
    this.#due = 0;
    this.paused = null;
    this.#asked = this.id;
    this.isOwed = Boolean(this.id);
    this.#had = this.last;
    if (!this.id) return [];
    const known = this.epoch !== null && this.last > 0;
    const { id, epoch, last, tip } = this;
    return [
      known ? { conversation: id, epoch, after: last, tip } : { conversation: id, epoch: null, after: 0, tip: null },
    ];
  }

  adopt(id) {
    if (id === this.id || this.#dismissed.has(id)) return;
    this.#clear(id);
    this.emit("change");
  }

  dismiss() {
    if (this.id) this.#dismissed.add(this.id);
    this.#clear(null);
    this.emit("change");
  }

  // The server has nothing of what was asked for, or not for this shopper.
  refuse() {
    if (!this.id || this.id !== this.#asked) return;
    this.dismiss();
    this.emit("gap");
  }

  // One conversation is open at most: a word from another means that this one has ended, and the server knows which is.
  take(event, isNews = false) {
    const { conversation } = event;
    const isFree = !this.id || this.state === "ended";
    if (isFree) this.adopt(conversation);
    if (conversation !== this.id) {
      if (!isFree && !this.#dismissed.has(conversation)) this.emit("gap");
      return;
    }
    if (this.paused) this.#held.set(event.seq, event);
    else if (event.seq <= this.last) this.#again(event);
    else if (event.seq > this.last + 1) this.#hold(event);
    else {
      this.#apply(event, isNews);
      this.#release();
    }
  }

  // A replay shows a taken-back message as it is now, whatever was shown of it before. Another event under the same
  // number is of a database that was put back to an older state: what is shown is not the server's any more.
  #again(event) {
    const known = this.events.find(({ seq }) => seq === event.seq);
    if (known && known.id !== event.id) this.#forked = true;
    if (known && event.recalled) Object.assign(known, { body: null, recalled: true });
  }

  #hold(event) {
    this.#held.set(event.seq, event);
    this.#expect(event.seq);
  }

  // Two seconds for what comes before this number, however much comes after it meanwhile.
  #expect(due) {
    this.#due = Math.max(this.#due, due);
    this.#timer ||= setTimeout(() => {
      this.#timer = 0;
      if (this.#due > this.last) this.emit("gap");
    }, HOLD);
  }

  #release() {
    for (let next = this.#held.get(this.last + 1); next; next = this.#held.get(this.last + 1)) {
      this.#held.delete(next.seq);
      this.#apply(next, true);
    }
  }

  synced({ conversation, epoch, head }) {
    if (conversation !== this.id) return;
    this.epoch = epoch;
    if (this.#forked || head < this.#had) {
      this.tip = null;
      this.emit("gap");
      return;
    }
    this.isOwed = false;
    this.#release();
    this.#expect(head);
    this.emit("change");
  }

  // The server could not promise a replay without holes: begin again from the newest page of history, and let whatever
  // comes in the meantime wait for it.
  pause(reset) {
    if (reset.conversation === this.id) this.paused = reset;
  }

  restore({ conversation, epoch, head }, { events, more }, state) {
    const { seen, delivered } = this;
    const newer = [...this.#held.values()];
    this.#clear(conversation);
    Object.assign(this, { seen, delivered });
    this.last = (events[0]?.seq ?? head + 1) - 1;
    for (const event of events) this.#apply(event, false);
    Object.assign(this, { epoch, last: head, tip: events.at(-1)?.id ?? null, earlier: more });
    if (this.state === "none" && state) this.state = state === "waiting" ? "queued" : "chatting";
    for (const event of newer) this.take(event, true);
    this.emit("change");
  }

  prepend({ events, more }) {
    this.events.unshift(...events.filter(({ seq }) => seq < (this.events[0]?.seq ?? 0)));
    this.earlier = more;
    this.emit("change");
  }

  // "seen" or "delivered", of what the shopper wrote.
  mark(what, upto) {
    if (upto <= this[what]) return;
    this[what] = upto;
    this.emit("change");
  }

  #apply(event, isNews) {
    this.last = event.seq;
    this.tip = event.id;
    this.events.push(event);
    moves[event.kind]?.(this, event);
    this.emit("event", { event, isNews });
    this.emit("change");
  }
}

const moves = {
  opened(record) {
    record.state = "queued";
  },
  assigned(record, { agent }) {
    Object.assign(record, { state: "chatting", agent, queue: null });
  },
  message(record, { by }) {
    if (by?.role !== "agent" || record.state === "ended") return;
    Object.assign(record, { state: "chatting", agent: by, queue: null });
  },
  left(record) {
    Object.assign(record, { state: "left", agent: null });
  },
  transferred(record, { to }) {
    Object.assign(record, to?.team ? { state: "queued", agent: null } : {});
  },
  closed(record, { at }) {
    Object.assign(record, { state: "ended", closedAt: at, queue: null });
  },
  ticketed(record, { number, at }) {
    Object.assign(record, { state: "ended", ticket: number, closedAt: at, queue: null });
  },
  rated(record, { score }) {
    record.rated = score;
  },
  recalled(record, { target }) {
    const message = record.events.find(({ id }) => id === target);
    if (message) Object.assign(message, { body: null, recalled: true });
  },
};
