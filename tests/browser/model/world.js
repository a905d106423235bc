// The network between pages and server, and everything that can happen to it.

import { Clock } from "./clock.js";
import { Page } from "./page.js";
import { Server } from "./server.js";

const DEAD_AFTER = 45_000;

function chance(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One WebSocket, with both its ends. */
class Wire {
  #world;
  #socket;
  #down = 0;
  #up = 0;

  isOver = false;
  isDeaf = false;
  acks = new Set();
  cursors = new Map();

  constructor(world, page, socket) {
    Object.assign(this, { page });
    this.#world = world;
    this.#socket = socket;
  }

  #at(page, fn) {
    if (!this.isOver && !this.isDeaf) page.run(fn);
  }

  toServer(frame) {
    this.#world.note(this.page, ">", JSON.stringify(frame));
    this.#up = this.#world.onTheWay(this.#up, () => this.isOver || this.isDeaf || this.#world.server.hear(this, frame));
  }

  send(frame) {
    if (this.isOver) return;
    const text = JSON.stringify(frame);
    this.#down = this.#world.onTheWay(this.#down, () =>
      this.#at(this.page, () => {
        this.#world.told(frame);
        this.#world.note(this.page, "<", text);
        this.#socket.onmessage({ data: text });
      }),
    );
  }

  /** The server's word, after everything it said before. */
  close(code) {
    this.#world.server.leave(this);
    this.#down = this.#world.onTheWay(this.#down, () => this.cut(code));
  }

  /** The page's word, after everything it said before. */
  leave() {
    this.#down = Number.POSITIVE_INFINITY;
    this.#up = this.#world.onTheWay(this.#up, () => this.#end());
  }

  open() {
    if (this.isDeaf || this.isOver) return;
    this.#socket.readyState = 1;
    this.page.run(() => this.#socket.onopen());
  }

  cut(code = 1006) {
    if (this.isOver) return;
    this.#end();
    if (this.isDeaf || this.#socket.readyState === 3) return;
    this.#socket.readyState = 3;
    this.#world.ended.push(this.#world.clock.now);
    this.page.run(() => this.#socket.onclose({ code }));
  }

  /** A stream's silence is not found out as long as its posts are answered; a proxy would close it. */
  deafen() {
    if (this.isStream) return this.cut();
    this.isDeaf = true;
    this.#world.clock.after(DEAD_AFTER, () => this.#end());
  }

  #end() {
    this.isOver = true;
    this.#world.server.leave(this);
    this.#world.wires.delete(this);
  }
}

const isGivenUp = ({ frame, failed }) => failed && frame.body.startsWith("good");

export class World {
  clock = new Clock();
  wires = new Set();
  pages = [];
  kept = {};
  isOnline = true;
  isBlackHole = false;
  /** Some networks let nothing through but plain requests. */
  allowsSockets = true;
  /** From here on a server that falls is at once back. */
  isCalm = false;
  latency = 20;
  /** Grows with every crash: what was begun before does not go on after. */
  life = 0;
  pressed = [];
  /** Texts and client ids that a page has been told of. */
  tolds = new Set();
  /** Texts that an older copy of the database does not have. */
  lost = new Set();
  /** Texts that a page gave up after a day: stored all the same by a server that was slow, or sent again by hand. */
  givenUp = new Set();
  /** What went over the wire, for whoever looks for a cause. */
  notes = [];
  /** When pages asked the server for something, and when a connection or a question ended badly. */
  asked = [];
  ended = [];

  constructor(seed) {
    this.random = chance(seed);
    this.server = new Server(this);
  }

  note({ tab }, ...words) {
    this.notes.push(`${new Date(this.clock.now).toISOString().slice(11, 23)} ${tab} ${words.join(" ").slice(0, 240)}`);
  }

  // What pages ask of a browser

  onTheWay(last, fn) {
    const at = Math.max(last, this.clock.now + Math.round(this.latency * (0.5 + this.random())));
    if (Number.isFinite(at)) this.clock.after(at - this.clock.now, fn);
    return at;
  }

  get isReachable() {
    return this.isOnline && this.server.isUp;
  }

  connect(page, socket) {
    this.note(page, "connects");
    const wire = new Wire(this, page, socket);
    socket.wire = wire;
    this.wires.add(wire);
    if (this.isBlackHole) wire.deafen();
    const reach = () => (this.isReachable && this.allowsSockets ? wire.open() : wire.cut());
    this.onTheWay(0, reach);
  }

  fetch(page, path, { body, headers, signal }) {
    this.note(page, "fetches", path);
    this.asked.push(this.clock.now);
    return new Promise((resolve, reject) => {
      let isOver = false;
      const finish = (fn) => {
        if (!isOver) page.run(fn);
        isOver = true;
      };
      const fail = () => {
        if (!isOver) this.ended.push(this.clock.now);
        finish(() => reject(new TypeError("fetch failed")));
      };
      const answer = (data, status = 200) =>
        finish(() => resolve({ ok: status < 400, status, headers: new Map(), json: async () => data, body: data }));
      signal?.addEventListener("abort", fail);
      if (this.isBlackHole) return;
      const { life } = this;
      const ifThere = (fn) => () => (this.isReachable && life === this.life ? fn() : fail());
      this.onTheWay(
        0,
        ifThere(() => this.#answer({ page, path, body, headers, signal }, answer, ifThere)),
      );
    });
  }

  #answer({ page, path, body, headers, signal }, answer, ifThere) {
    const back = (data, status) =>
      this.onTheWay(
        0,
        ifThere(() => {
          this.told(data);
          answer(structuredClone(data), status);
        }),
      );
    if (path === "/v1/shopper/events") {
      answer(this.#stream(page, headers["last-event-id"], signal));
    } else if (path === "/v1/shopper/frames") {
      const frames = [];
      const post = { isPost: true, acks: new Set(), send: (frame) => frames.push(frame), cut() {} };
      this.server.hear(post, JSON.parse(body));
      this.clock.after(this.server.commitMs + 1, () => {
        for (const frame of frames) this.told(frame);
        back({ frames });
      });
    } else {
      const { status, data } = this.server.answer(path, body && JSON.parse(body));
      this.clock.after(path.includes("before=") ? this.server.readMs : 0, () => back(data, status));
    }
  }

  #stream(page, cursor, signal) {
    const [conversation, epoch, after, tip] = (cursor ?? "").split(":");
    const resume = conversation ? [{ conversation, epoch: epoch || null, after: Number(after), tip: tip || null }] : [];
    return new ReadableStream({
      start: (control) => {
        const bytes = new TextEncoder();
        const wire = new Wire(this, page, {
          onmessage: ({ data }) => control.enqueue(bytes.encode(`data: ${data}\n\n`)),
          onclose: () => control.close(),
        });
        wire.isStream = true;
        this.wires.add(wire);
        signal.addEventListener("abort", () => wire.leave());
        this.server.follow(wire, resume);
      },
    });
  }

  cast(from, message) {
    for (const page of this.pages) if (page !== from) page.hear(structuredClone(message));
  }

  gone(page) {
    this.pages = this.pages.filter((one) => one !== page);
    for (const wire of [...this.wires]) if (wire.page === page) wire.cut();
  }

  told(frame) {
    for (const { cid, body } of [frame, ...(frame.events ?? [])]) this.tolds.add(cid ?? body);
  }

  // What happens

  open(tab) {
    const page = new Page(this, tab, this.kept);
    const { outbox } = page.line;
    outbox.on("change", () => {
      for (const { frame } of outbox.items.filter(isGivenUp)) this.givenUp.add(frame.body);
    });
    this.pages.push(page);
    return page;
  }

  page(tab) {
    return this.pages.find((page) => page.tab === tab);
  }

  press(tab, isBad) {
    const body = `${isBad ? "bad" : "good"} ${tab}${this.pressed.length}`;
    this.pressed.push({ tab, body, isBad });
    this.page(tab).press(body, this.pressed.length === 1 ? { intake: { name: "Mo" }, team: "t1" } : {});
  }

  /** Whoever sees that a message did not go presses "try again", in each tab that shows it. */
  retry() {
    for (const page of this.pages) {
      const { outbox } = page.line;
      for (const item of outbox.items.filter(isGivenUp)) page.run(() => outbox.retry(item));
    }
  }

  cut(code) {
    for (const wire of [...this.wires]) wire.cut(code);
  }

  sayBye(retryMs = 2000) {
    for (const wire of [...this.wires]) {
      wire.send({ type: "bye", code: "restart", retry_ms: retryMs });
      wire.close(1012);
    }
  }

  deafen() {
    for (const wire of this.wires) wire.deafen();
  }

  setBlackHole(on) {
    this.isBlackHole = on;
    if (on) this.deafen();
  }

  setOnline(on) {
    if (on === this.isOnline) return;
    this.isOnline = on;
    if (!on) this.deafen();
    for (const page of this.pages) page.fire(on ? "online" : "offline");
  }

  crash() {
    this.server.isUp = false;
    this.life += 1;
    this.cut();
    if (this.isCalm) this.start();
  }

  start() {
    this.server.isUp = true;
  }

  restore(lost) {
    this.crash();
    for (const body of this.server.restore(lost)) this.lost.add(body);
    this.start();
  }

  end() {
    for (const page of [...this.pages]) page.leave(false);
  }
}
