// The panel without its face: what was said, what is still to be said, and when a connection is wanted for it.

import { Chat } from "./chat.js";
import { Link } from "./link.js";
import { Outbox } from "./outbox.js";
import { Reading } from "./reading.js";
import { Record } from "./record.js";
import { seatOf } from "./seat.js";
import { Session } from "./session.js";

const STALE = 1_800_000;

export class Line {
  #drawing = false;
  #kept;
  #isShelved = false;

  record = new Record();

  constructor(host, hello) {
    const { kept } = hello;
    this.#kept = kept;
    this.host = host;
    this.session = new Session(host, hello);
    this.link = new Link(
      () => this.session.open(),
      () => this.record.cursor(),
    );
    this.outbox = new Outbox(this.record, this.link, host, kept);
    this.reading = new Reading(this.record, this.link, host, kept);
    this.chat = new Chat(this);
    this.seat = seatOf(host, this.link, () => this.want());
    this.#listenToParts();
    this.#listenToDevice();
    if (kept.live ?? kept.done) this.record.adopt(kept.live ?? kept.done);
  }

  changed = () => {
    if (this.#drawing) return;
    this.#drawing = true;
    queueMicrotask(() => this.draw());
  };

  // files: what the message shows of them, and the frame their names on the server.
  press(frame, files = []) {
    if (this.record.state === "ended") this.record.dismiss();
    this.outbox.add(files.length > 0 ? { ...frame, files: files.map(({ id }) => id) } : frame, undefined, files);
  }

  #listenToParts() {
    const { host, record, outbox, link, reading } = this;
    record.on("event", ({ event, isNews }) => isNews && link.state === "up" && host.cast({ own: event }));
    for (const part of [record, outbox, link]) part.on("change", this.changed);
    link.on("session", ({ conversation }) => {
      if (conversation) record.adopt(conversation.id);
      this.changed();
    });
    host.on("tab", ({ own, read }) => {
      if (own) outbox.remove(own.cid);
      if (own) record.take(own, true);
      if (read) reading.markedElsewhere(read.id, read.upto);
    });
  }

  #listenToDevice() {
    const { link } = this;
    document.addEventListener("visibilitychange", () => document.hidden || link.wake());
    addEventListener("online", () => link.wake());
    addEventListener("offline", () => link.lose());
    for (const type of ["pagehide", "pageshow"]) {
      addEventListener(type, () => {
        this.#isShelved = type === "pagehide";
        this.want();
      });
    }
  }

  want() {
    const { record, outbox, link, reading, seat } = this;
    const hasReason = reading.isOpen || (Boolean(record.id) && record.state !== "ended");
    // A page in the back/forward cache holds no connection, whatever happens to it on its way there.
    link.want(!this.#isShelved && (!outbox.isEmpty || (hasReason && !seat.rests)));
  }

  // Until the server has spoken of it, a chat stays remembered as it was.
  #remember() {
    const { id, isOpen, state } = this.record;
    if (id && state === "none") return;
    this.#keep("live", isOpen ? id : null);
    this.#keep("done", isOpen ? null : id);
  }

  #keep(key, id) {
    if (this.#kept[key] === id) return;
    this.#kept[key] = id;
    this.host.keep(key, id);
  }

  // A chat that ended long ago is not what the shopper came back for.
  #dropStale() {
    const { record, chat, session } = this;
    if (session.answer && record.state === "ended" && chat.now - new Date(record.closedAt) > STALE) record.dismiss();
  }

  draw() {
    this.#drawing = false;
    this.#dropStale();
    this.#remember();
    this.want();
  }
}
