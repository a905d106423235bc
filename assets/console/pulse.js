// Whether the other end is still there. A browser tells a page nothing of the server's pings, and a network may die
// without a word: so after a silence a question is asked, and what is not answered is given up.
/** So long without a frame, while somebody looks, calls for a question. Milliseconds, all of them. */
const QUIET = 30000;
const ANSWER_WITHIN = 5000;
const OPEN_WITHIN = 10000;

export class Pulse {
  #ask;
  #gone;
  #timer = 0;

  constructor(ask, gone) {
    this.#ask = ask;
    this.#gone = gone;
  }

  /** Something came. */
  beat() {
    this.#in(QUIET, () => document.hidden || this.doubt());
  }

  /** The device slept, the page was away, the network is another one. */
  doubt() {
    this.#in(ANSWER_WITHIN, this.#gone);
    this.#ask();
  }

  /** A connection is being made. */
  begin() {
    this.#in(OPEN_WITHIN, this.#gone);
  }

  stop() {
    clearTimeout(this.#timer);
  }

  #in(ms, then) {
    this.stop();
    this.#timer = setTimeout(then, ms);
  }
}
