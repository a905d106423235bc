// What the shopper has read, what is new, and when that deserves a sound. Read means: panel open, page visible.

import { ring } from "./tone.js";
import { sayCount } from "./words.js";

const GRACE = 400;

const isFromAgent = ({ kind, by }) => kind === "message" && by?.role !== "shopper";

export class Reading {
  #record;
  #link;
  #host;
  #upto = 0;
  #id = null;
  #kept;

  isOpen = false;
  muted;

  constructor(record, link, host, kept) {
    this.muted = Boolean(kept.mute);
    this.#kept = kept.read ?? "";
    this.#record = record;
    this.#link = link;
    this.#host = host;
    record.on("event", ({ event, isNews }) => isNews && isFromAgent(event) && this.#arrived(event));
    record.on("change", () => this.update());
    document.addEventListener("visibilitychange", () => this.update());
    link.on("up", () => this.#report());
    host.on("tone", ring);
  }

  get isReading() {
    return this.isOpen && !document.hidden;
  }

  setMuted(muted) {
    this.muted = muted;
    this.#host.keep("mute", muted ? "1" : null);
  }

  // Another tab of this shopper has read that far.
  markedElsewhere(id, upto) {
    if (id !== this.#record.id || upto <= this.#upto) return;
    this.#upto = upto;
    this.update();
  }

  update() {
    const { id, events } = this.#record;
    if (id !== this.#id) {
      this.#id = id;
      const [keptId, upto] = this.#kept.split(" ");
      this.#upto = keptId === id ? Number(upto) : 0;
    }
    const fresh = events.filter((event) => event.seq > this.#upto && isFromAgent(event));
    if (fresh.length > 0 && this.isReading) this.#mark(fresh.at(-1).seq);
    const n = this.isReading ? 0 : fresh.length;
    this.#host.tell("unread", { n, text: sayCount("new", n) });
  }

  #mark(upto) {
    const id = this.#id;
    this.#upto = upto;
    this.#kept = `${id} ${upto}`;
    this.#host.keep("read", this.#kept);
    this.#host.cast({ read: { id, upto } });
    this.#report();
  }

  // Said again on each new connection: a tab that was just returned to has none yet, or one that died unnoticed.
  #report() {
    if (this.#upto) this.#link.send({ type: "read", conversation: this.#id, upto: this.#upto });
  }

  // Another tab may be reading it this moment; it gets the time to say so.
  #arrived({ id, seq, body }) {
    this.#host.event("message", { role: "agent", body });
    setTimeout(() => {
      if (!this.isReading && !this.muted && seq > this.#upto) this.#host.tell("ring", { id });
    }, GRACE);
  }
}
