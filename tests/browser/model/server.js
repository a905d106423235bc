// A server written from the contract's page alone: logs without gaps, client ids kept as long as their messages, resume
// or reset, and a publication that may be late, lost or doubled on its way to a socket. Nothing here is Deskbell's code.

const SWEEP = 2000;
const MISSED_MAX = 1000;

const bodyOf = (events) => events.map(({ body }) => body);

export class Server {
  #world;
  #ids = 0;
  #epochs = 1;
  #tickets = new Set();

  isUp = true;
  conversations = new Map();
  open = null;
  sockets = new Set();
  /** What becomes of the next sends, one word each; after that all goes well. */
  fates = [];
  /** What becomes of the next publications to a socket. */
  mishaps = [];
  /** How many of the next sockets are sent away in a friendly way before they are welcomed. */
  farewells = 0;
  /** How many of the next sockets are not let in, whatever their ticket. */
  doubts = 0;
  /** How long a commit and a read take. */
  commitMs = 5;
  readMs = 5;
  /** What each text was sent as: the same whenever it comes again. */
  sent = new Map();
  /** How far the shopper has read in each conversation, as the agent is told. */
  reads = new Map();
  /** Needed after a restore alone. */
  resets = 0;

  constructor(world) {
    this.#world = world;
    const sweep = () => {
      for (const socket of this.sockets) this.#catchUp(socket);
      world.clock.after(SWEEP, sweep);
    };
    world.clock.after(SWEEP, sweep);
  }

  get epoch() {
    return `epoch-${this.#epochs}`;
  }

  get log() {
    return [...this.conversations.values()].flat();
  }

  get messages() {
    return bodyOf(this.log.filter(({ kind }) => kind === "message"));
  }

  // HTTP

  answer(path, body) {
    if (path === "/v1/shopper/session") return this.#session(body);
    const found = /^\/v1\/shopper\/conversations\/([^/]+)\/events\?before=(\d+)&limit=(\d+)$/.exec(path);
    const log = this.conversations.get(found?.[1]);
    if (!log) return { status: 404, data: {} };
    const earlier = log.filter(({ seq }) => seq < Number(found[2]));
    const events = earlier.slice(-Number(found[3]));
    return { status: 200, data: { events, more: events.length < earlier.length, epoch: this.epoch } };
  }

  #session({ token }) {
    const ticket = this.#name("ticket");
    this.#tickets.add(ticket);
    const id = this.open;
    const conversation = id && { id, state: "waiting", epoch: this.epoch, head: this.#head(id) };
    const site = { name: "Model", open: true, teams: [], intake: [] };
    return { status: 200, data: { token: token ?? "token", ticket, shopper: {}, site, conversation } };
  }

  // Sockets: `socket` has send(frame) and close(code), and is told nothing else.

  hear(socket, frame) {
    if (!this.isUp) return;
    const deeds = { hello: this.#hello, send: this.#send, probe: this.#probe, read: this.#read };
    deeds[frame.type]?.call(this, socket, frame);
  }

  leave(socket) {
    this.sockets.delete(socket);
  }

  #hello(socket, { ticket, resume }) {
    this.farewells -= 1;
    if (this.farewells >= 0) {
      socket.send({ type: "bye", code: "restart", retry_ms: 1000 });
      socket.close(1012);
      return;
    }
    this.doubts -= 1;
    if (!this.#tickets.delete(ticket) || this.doubts >= 0) {
      socket.close(4001);
      return;
    }
    this.follow(socket, resume);
  }

  follow(socket, resume) {
    this.sockets.add(socket);
    if (this.open) socket.cursors.set(this.open, this.#head(this.open));
    socket.send({
      type: "welcome",
      connection: "c",
      now: new Date(this.#world.clock.now).toISOString(),
      heartbeat_s: 20,
      limits: {},
    });
    for (const cursor of resume) socket.cursors.set(cursor.conversation, Number.POSITIVE_INFINITY);
    this.#later(this.readMs, () => {
      if (this.sockets.has(socket)) for (const cursor of resume) this.#resume(socket, cursor);
    });
  }

  #resume(socket, { conversation, epoch, after, tip }) {
    const log = this.conversations.get(conversation);
    if (!log) {
      socket.cursors.delete(conversation);
      socket.send({ type: "nack", cid: null, code: "forbidden", terminal: true });
      return;
    }
    const head = log.length;
    socket.cursors.set(conversation, head);
    const holdsNothing = epoch === null && after === 0 && tip === null;
    const isKnown = epoch === this.epoch && after <= head && (after === 0 || log[after - 1].id === tip);
    if (head - after > MISSED_MAX || !(holdsNothing || isKnown)) {
      this.resets += 1;
      socket.send({ type: "reset", conversation, reason: "tip", epoch: this.epoch, head });
      return;
    }
    socket.send({ type: "replay", conversation, events: log.slice(after), more: false });
    socket.send({ type: "synced", conversation, epoch: this.epoch, head });
  }

  #probe(socket) {
    const id = [...this.conversations.keys()].at(-1);
    socket.send({ type: "probe_ok", heads: id ? { [id]: this.#head(id) } : {} });
  }

  #read(_socket, { conversation, upto }) {
    if (!this.conversations.has(conversation)) return;
    const before = this.reads.get(conversation) ?? 0;
    this.reads.set(conversation, Math.max(before, Math.min(upto, this.#head(conversation))));
  }

  #send(socket, frame) {
    const { cid, body } = frame;
    this.sent.set(body, (this.sent.get(body) ?? new Set()).add(JSON.stringify(frame)));
    const fate = this.fates.shift() ?? "well";
    if (fate === "busy") {
      socket.send({ type: "nack", cid, code: "rate_limited", retry_ms: 700, terminal: false });
      return;
    }
    if (body.startsWith("bad")) {
      socket.send({ type: "nack", cid, code: "too_long", terminal: true });
      return;
    }
    if (fate === "crash before") {
      this.#world.crash();
      return;
    }
    this.#later(this.commitMs, () => this.#commit(socket, frame, fate));
  }

  #commit(socket, { cid, body, intake, team, reopen }, fate) {
    const before = this.log.find((event) => event.cid === cid);
    if (before) {
      if (before.body !== body) socket.send({ type: "nack", cid, code: "cid_conflict", terminal: true });
      else socket.send({ ...this.#ackOf(before), dup: true });
      return;
    }
    if (fate === "unknown but lost") return;
    const by = { role: "shopper" };
    if (!this.open && reopen) this.#goOn();
    if (!this.open) this.#begin({ intake, team });
    const event = this.#append(this.open, { kind: "message", by, cid, body });
    if (fate === "crash after") this.#world.crash();
    else {
      this.#publish(event, fate === "unknown but kept" ? null : socket);
      if (socket.isPost && fate !== "unknown but kept") socket.send(this.#ackOf(event));
    }
    if (fate === "cut") socket.cut();
  }

  #begin(answers) {
    const id = this.#name("conversation");
    this.conversations.set(id, []);
    this.open = id;
    this.#publish(this.#append(id, { kind: "opened", by: { role: "shopper" }, ...answers }), null);
  }

  /** What ended within the last half hour. */
  #goOn() {
    const [id, log = []] = [...this.conversations].at(-1) ?? [];
    const ended = log.findLast(({ kind }) => kind === "closed");
    if (!ended || this.#world.clock.now - new Date(ended.at) > 1_800_000) return;
    this.open = id;
    for (const socket of this.sockets) if (!socket.cursors.has(id)) socket.cursors.set(id, this.#head(id));
    this.#publish(this.#append(id, { kind: "opened", by: { role: "shopper" }, again: true }), null);
  }

  // What others do.

  say(body) {
    if (!this.isUp || !this.open) return;
    this.#publish(this.#append(this.open, { kind: "message", by: { role: "agent", name: "Ana" }, body }), null);
  }

  /** On a node that this shopper does not reach. */
  talkOn(times) {
    for (let n = 0; n < times; n += 1) {
      this.#append(this.open, { kind: "message", by: { role: "agent", name: "Ana" }, body: `meanwhile ${n}` });
    }
  }

  end() {
    if (!this.isUp || !this.open) return;
    const event = this.#append(this.open, { kind: "closed", by: { role: "agent", name: "Ana" } });
    this.open = null;
    this.#publish(event, null);
  }

  /** An older copy of the database takes over: the last events are gone, and the epoch tells that numbers come again. */
  restore(lost) {
    const id = this.open;
    const log = this.conversations.get(id) ?? [];
    const kept = log.slice(0, Math.max(0, log.length - lost));
    this.#epochs += 1;
    if (id && kept.length < 2) {
      this.conversations.delete(id);
      this.open = null;
      return bodyOf(log);
    }
    if (id) this.conversations.set(id, kept);
    // What opened it again is among what was lost: it has ended, as that copy knows it.
    if (kept.findLast(({ kind }) => kind === "opened" || kind === "closed")?.kind === "closed") this.open = null;
    return bodyOf(log.slice(kept.length));
  }

  // The log and who follows it

  #append(conversation, event) {
    const log = this.conversations.get(conversation);
    const whole = {
      type: "event",
      conversation,
      seq: log.length + 1,
      id: this.#name("event"),
      at: new Date(this.#world.clock.now).toISOString(),
      ...event,
    };
    log.push(whole);
    return whole;
  }

  #publish(event, sender) {
    for (const socket of this.sockets) {
      const { conversation, seq } = event;
      if (seq === 1) socket.cursors.set(conversation, 0);
      const mishap = this.mishaps.shift() ?? "none";
      if (socket === sender) socket.acks.add(event.id);
      if (mishap === "lost") continue;
      this.#catchUp(socket, conversation, mishap);
    }
  }

  #catchUp(socket, conversation, mishap) {
    for (const [id, cursor] of socket.cursors) {
      const log = this.conversations.get(id);
      if (!log || (conversation && id !== conversation) || !(cursor < log.length)) continue;
      socket.cursors.set(id, log.length);
      for (const event of log.slice(cursor)) this.#deliver(socket, event, mishap);
    }
  }

  #deliver(socket, event, mishap) {
    const frame = socket.acks.has(event.id) ? { ...this.#ackOf(event), dup: false } : event;
    if (mishap === "never") return;
    if (mishap === "late") this.#later(3000, () => socket.send(frame));
    else socket.send(frame);
    if (mishap === "twice") socket.send(frame);
  }

  #ackOf({ cid, conversation, id, seq, at }) {
    return { type: "ack", cid, conversation, id, seq, at };
  }

  #head(id) {
    return this.conversations.get(id).length;
  }

  #later(ms, fn) {
    const life = this.#world.life;
    this.#world.clock.after(ms, () => this.isUp && life === this.#world.life && fn());
  }

  #name(what) {
    this.#ids += 1;
    return `${what}-${this.#ids}`;
  }
}
