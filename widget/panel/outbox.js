// What the shopper has asked for and the server has not yet confirmed. One frame is under way at a time, so order
// holds whatever is refused or lost; the same cid goes again after a reconnect or ten seconds of silence.

import { newCid, Signals } from "./signals.js";

const SILENCE = 10_000;
const DAY = 86_400_000;
const KEPT = 50;
const KEPT_CHARS = 65_536;
const LONGEST = 8000;
// No server refuses a message by this word.
const GIVEN_UP = "too_late";

export class Outbox extends Signals {
  #record;
  #link;
  #host;
  #timer = 0;
  #flying = null;

  items = [];

  constructor(record, link, host, kept) {
    super();
    this.#record = record;
    this.#link = link;
    this.#host = host;
    const stored = Object.keys(kept).filter((key) => key.startsWith("q."));
    this.items = stored.map((key) => JSON.parse(kept[key])).sort((a, b) => a.at - b.at);
    link.on("up", () => this.pump());
    link.on("down", () => this.#land());
  }

  get messages() {
    return this.items.filter(({ frame }) => frame.type === "send");
  }

  get isEmpty() {
    return this.items.every(({ failed }) => failed);
  }

  // Whatever is taken on is kept, so there is an end to what is taken on.
  get isFull() {
    const { messages } = this;
    const chars = messages.reduce((sum, { frame }) => sum + frame.body.length, 0);
    return messages.length >= KEPT || chars > KEPT_CHARS - LONGEST;
  }

  add(frame, settled, files, cid = newCid()) {
    // Times order what is kept: two of one millisecond, or of a clock that was set back, must not change places.
    const at = Math.max(Date.now(), (this.items.at(-1)?.at ?? 0) + 1);
    const item = { frame: { ...frame, cid }, at, settled, files };
    this.items.push(item);
    this.#keep(item);
    this.emit("change");
    this.pump();
  }

  // After the server's final refusal nothing was stored, so a new cid can never make it twice. What was given up here
  // may have been stored all the same: it goes under its old one.
  retry({ frame, failed, settled, files }) {
    this.remove(frame.cid);
    this.add(frame, settled, files, failed === GIVEN_UP ? frame.cid : newCid());
  }

  remove(cid) {
    const found = this.items.find(({ frame }) => frame.cid === cid);
    if (!found) return undefined;
    this.items = this.items.filter((item) => item !== found);
    this.#host.keep(`q.${cid}`, null);
    if (this.#flying === found) this.#land();
    this.emit("change");
    this.pump();
    return found;
  }

  refuse({ cid, code, terminal, retry_ms: retryMs }) {
    const item = this.items.find(({ frame }) => frame.cid === cid);
    if (!item) return;
    if (this.#flying === item) this.#land();
    if (!terminal) {
      this.#timer = setTimeout(() => this.pump(), Math.max(retryMs ?? 0, 250));
      return;
    }
    item.failed = code;
    this.#keep(item);
    if (item.frame.type !== "send") this.remove(cid);
    item.settled?.(code);
    this.emit("change");
    this.pump();
  }

  #keep(item) {
    const { frame, at, failed, files } = item;
    if (frame.type === "send") this.#host.keep(`q.${frame.cid}`, JSON.stringify({ frame, at, failed, files }));
  }

  #land() {
    clearTimeout(this.#timer);
    this.#flying = null;
  }

  // Nothing is given up before the server has shown what it holds: it may be among that.
  pump() {
    if (this.#flying) return;
    const next = this.items.find(({ failed }) => !failed);
    if (!next) return;
    if (Date.now() - next.at < DAY) this.#fly(next);
    else if (this.#link.state === "up" && !this.#record.isOwed)
      this.refuse({ cid: next.frame.cid, code: GIVEN_UP, terminal: true });
  }

  #fly(item) {
    if (!this.#link.send(item.frame)) return;
    this.#flying = item;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#fly(item), SILENCE);
  }
}
