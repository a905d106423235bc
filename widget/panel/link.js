// Keeps one connection alive for as long as somebody wants it, and never gives up: a fresh session and ticket for
// each try, full-jitter back-off, a probe when it is too quiet. Says: change, up, down, frame, session, trouble.

import { Signals } from "./signals.js";
import { overSocket } from "./socket.js";
import { overStream } from "./stream.js";

const HEALTHY = 60_000;
const QUIET = 30_000;
const IMPATIENT = 10_000;

const jitter = (ms) => Math.random() * ms;

export class Link extends Signals {
  #openSession;
  #resume;
  #transport = null;
  #wanted = false;
  #turn = 0;
  #tries = 0;
  #timer = 0;
  #quiet = 0;
  #upSince = 0;
  #unopened = 0;
  #isDoubted = false;
  #byeMs = null;

  state = "off";

  constructor(openSession, resume) {
    super();
    this.#openSession = openSession;
    this.#resume = resume;
  }

  want(on) {
    if (on === this.#wanted || this.state === "blocked") return;
    this.#wanted = on;
    if (on) this.#connect();
    else this.#stop("off");
  }

  // Everything after the cursor comes again; the fastest way to mend a hole.
  restart() {
    if (!this.#wanted || this.state === "blocked") return;
    this.#stop("down");
    this.#connect();
  }

  // The device slept, the tab came back, the network returned: doubt the connection.
  wake() {
    this.#tries = 0;
    if (this.state === "down") this.restart();
    else if (this.state === "up") this.#probe();
  }

  lose() {
    if (!this.#wanted || this.state === "blocked") return;
    this.#stop("down");
    this.#later(this.#backOff());
  }

  send(frame) {
    if (this.state === "up") this.#transport.send(frame);
    return this.state === "up";
  }

  #stop(state) {
    this.#turn += 1;
    clearTimeout(this.#timer);
    clearTimeout(this.#quiet);
    this.#transport?.drop();
    this.#transport = null;
    this.#become(state);
  }

  #become(state) {
    if (state === this.state) return;
    this.state = state;
    this.emit(state);
    this.emit("change");
  }

  #backOff() {
    const limit = Math.min(30_000, 500 * 2 ** this.#tries);
    this.#tries += 1;
    return jitter(limit);
  }

  #later(ms, fn = () => this.#connect()) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(fn, ms);
  }

  async #connect() {
    this.#turn += 1;
    const turn = this.#turn;
    clearTimeout(this.#timer);
    this.#become("down");
    this.#byeMs = null;
    try {
      const session = await this.#openSession();
      if (turn !== this.#turn) return;
      this.emit("session", session);
      const carry = this.#unopened < 2 ? overSocket : overStream;
      this.#transport = carry(
        { ticket: session.ticket, token: session.token, resume: this.#resume() },
        {
          frame: (frame) => turn === this.#turn && this.#hear(frame),
          closed: (code, opened) => turn === this.#turn && this.#closed(code, opened),
        },
      );
      this.#later(IMPATIENT, () => this.#closed(1006, false));
    } catch (error) {
      if (turn === this.#turn) this.#refused(error);
    }
  }

  #refused(error) {
    if (error.status === 403) {
      this.#stop("blocked");
      return;
    }
    this.emit("trouble", error);
    this.#later((error.retryMs ?? 0) + this.#backOff());
  }

  #hear(frame) {
    this.#listen();
    if (frame.type === "welcome") {
      clearTimeout(this.#timer);
      this.#isDoubted = false;
      this.#upSince = Date.now();
      this.emit("frame", frame);
      this.#become("up");
      return;
    }
    if (frame.type === "bye") {
      this.#byeMs = frame.retry_ms ?? 0;
      this.#later(1000, () => this.#closed(1012, true));
      return;
    }
    this.emit("frame", frame);
  }

  #listen() {
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => document.hidden || this.#probe(), QUIET);
  }

  #probe() {
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => this.restart(), IMPATIENT);
    this.#transport?.send({ type: "probe" });
  }

  // Two sockets that never spoke mean a network that blocks them; a stream that never spoke, that it was not the socket.
  #countUnopened(opened) {
    const isUp = this.state === "up";
    if (isUp !== this.#unopened >= 2) this.#unopened = 0;
    else if (!isUp && !opened) this.#unopened += 1;
  }

  #closed(code, opened) {
    const healthy = this.state === "up" && Date.now() - this.#upSince > HEALTHY;
    this.#countUnopened(opened);
    if (code === 4003) {
      this.#stop("blocked");
      return;
    }
    this.#stop("down");
    // Once a new session may be all that is needed.
    if (code === 4001 && !this.#isDoubted) {
      this.#isDoubted = true;
      this.#connect();
      return;
    }
    if (code === 4001) this.emit("trouble", { status: 401 });
    if (healthy || code === 1012 || this.#byeMs !== null) this.#tries = 0;
    if (code === 1012 || this.#byeMs !== null) this.#later(jitter(this.#byeMs ?? 3000));
    else this.#later(this.#backOff());
  }
}
