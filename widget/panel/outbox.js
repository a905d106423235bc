// What the shopper has asked for and the server has not yet confirmed. One frame is under way at a time, so order
// holds whatever is refused or lost; the same cid goes again after a reconnect or ten seconds of silence.

import { newCid, Signals } from "./signals.js";

const SILENCE = 10_000;
const DAY = 86_400_000;
const KEPT = 20;
const KEPT_CHARS = 65_536;

export class Outbox extends Signals {
  #link;
  #host;
  #timer = 0;
  #flying = null;

  items = [];

  constructor(link, host, kept) {
    super();
    this.#link = link;
    this.#host = host;
    const stored = Object.keys(kept).filter((key) => key.startsWith("q."));
    this.items = stored.map((key) => JSON.parse(kept[key])).sort((a, b) => (a.frame.cid < b.frame.cid ? -1 : 1));
    link.on("up", () => this.#pump());
    link.on("down", () => this.#land());
  }

  get messages() {
    return this.items.filter(({ frame }) => frame.type === "send");
  }

  get isEmpty() {
    return this.items.every(({ failed }) => failed);
  }

  add(frame, settled) {
    const item = { frame: { ...frame, cid: newCid() }, at: Date.now(), settled };
    this.items.push(item);
    this.#keep(item);
    this.emit("change");
    this.#pump();
  }

  // After a final refusal nothing was stored, so a new cid can never make it twice.
  retry(item) {
    this.remove(item.frame.cid);
    this.add(item.frame, item.settled);
  }

  remove(cid) {
    const found = this.items.find(({ frame }) => frame.cid === cid);
    if (!found) return undefined;
    this.items = this.items.filter((item) => item !== found);
    this.#host.keep(`q.${cid}`, null);
    if (this.#flying === found) this.#land();
    this.emit("change");
    this.#pump();
    return found;
  }

  refuse({ cid, code, terminal, retry_ms: retryMs }) {
    const item = this.items.find(({ frame }) => frame.cid === cid);
    if (!item) return;
    if (this.#flying === item) this.#land();
    if (!terminal) {
      this.#timer = setTimeout(() => this.#pump(), Math.max(retryMs ?? 0, 250));
      return;
    }
    item.failed = code;
    if (item.frame.type === "send") this.#keep(item);
    else this.remove(cid);
    item.settled?.(code);
    this.emit("change");
    this.#pump();
  }

  #keep(item) {
    const { frame, at, failed } = item;
    const text = JSON.stringify({ frame, at, failed });
    const chars = this.messages.reduce((sum, message) => sum + message.frame.body.length, 0);
    if (frame.type !== "send" || this.messages.length > KEPT || chars > KEPT_CHARS) return;
    this.#host.keep(`q.${frame.cid}`, text);
  }

  #land() {
    clearTimeout(this.#timer);
    this.#flying = null;
  }

  #pump() {
    if (this.#flying) return;
    const next = this.items.find(({ failed }) => !failed);
    if (!next) return;
    if (Date.now() - next.at > DAY) this.refuse({ cid: next.frame.cid, code: "too_late", terminal: true });
    else this.#fly(next);
  }

  #fly(item) {
    if (!this.#link.send(item.frame)) return;
    this.#flying = item;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#fly(item), SILENCE);
  }
}
