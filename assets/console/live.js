// The page's socket: says which topics the page shows and from where, applies what comes back, and comes back itself.
import { morph, parse } from "./html.js";

// Milliseconds. Between tries, at random up to a bound that doubles, unless the connection had lasted.
const FIRST_WAIT = 500;
const LONGEST_WAIT = 15000;
const LASTED = 60000;
// A page is not told of the server's pings: after a silence it asks, and expects an answer.
const QUIET = 30000;
const ANSWER_WITHIN = 5000;
const OPEN_WITHIN = 10000;
/** A page that was out of sight this long asks again for what it may have missed. */
const HIDDEN_TOO_LONG = 60000;
const SIGNED_OUT = 4001;

const one = (html) => parse(html).body.firstElementChild;
const tell = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));

/** Puts an entry at its place by number; one that is there already takes on its new form. */
function append(list, html, k) {
  const fresh = one(html);
  if (!fresh) return;
  if (fresh.dataset.cid) document.getElementById(`m-${fresh.dataset.cid}`)?.remove();
  const known = document.getElementById(fresh.id);
  if (known) {
    morph(known, fresh);
    return;
  }
  let next = null;
  for (let last = list.lastElementChild; last; last = last.previousElementSibling) {
    if (Number(last.dataset.k ?? Infinity) < k) break;
    next = last;
  }
  fresh.classList.add("fresh");
  list.insertBefore(fresh, next);
  tell("desk:entry", fresh);
}

const actions = {
  append: (to, op) => append(to, op.html, op.k),
  replace: (to, op) => morph(to, one(op.html)),
  update: (to, op) => to.replaceChildren(...parse(op.html).body.childNodes),
  attr(to, op) {
    for (const [name, value] of Object.entries(op.a))
      value === null ? to.removeAttribute(name) : to.setAttribute(name, value);
  },
};

export class Live {
  #socket = null;
  #tries = 0;
  #timer = 0;
  #hiddenAt = 0;
  #upSince = Infinity;
  #pulse = 0;

  start() {
    addEventListener("online", () => this.#wake());
    for (const name of ["offline", "pagehide"]) addEventListener(name, () => this.#lose());
    addEventListener("pageshow", (event) => event.persisted && this.#wake());
    document.addEventListener("visibilitychange", () => this.#seen());
    this.#connect();
  }

  /** Tells the server what the page shows now. */
  subscribe() {
    const sub = [...document.querySelectorAll("[data-sub]")].map((el) => ({
      topic: el.dataset.sub,
      after: Number(el.dataset.last ?? 0),
    }));
    this.send({ sub, visible: !document.hidden });
  }

  send(frame) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }

  get #isSignedOut() {
    return document.documentElement.dataset.live === "auth";
  }

  #state(state) {
    document.documentElement.dataset.live = state;
    tell("desk:live", state);
  }

  #in(ms, then = () => this.#lose()) {
    clearTimeout(this.#pulse);
    this.#pulse = setTimeout(then, ms);
  }

  #probe() {
    this.#in(ANSWER_WITHIN);
    this.send({ probe: true });
  }

  #connect() {
    clearTimeout(this.#timer);
    const old = this.#socket;
    this.#socket = null;
    old?.close();
    const url = document.querySelector("meta[name=live]").content;
    const socket = new WebSocket(new URL(url, location.href.replace(/^http/, "ws")));
    this.#socket = socket;
    this.#state("connecting");
    this.#in(OPEN_WITHIN);
    socket.onopen = () => socket === this.#socket && this.subscribe();
    socket.onmessage = (event) => socket === this.#socket && this.#take(JSON.parse(event.data));
    socket.onclose = (event) => socket === this.#socket && this.#closed(event.code);
  }

  #closed(code) {
    if (code !== SIGNED_OUT) return this.#lose();
    this.#socket = null;
    clearTimeout(this.#pulse);
    this.#state("auth");
  }

  /** Gives the connection up and looks for another one. */
  #lose() {
    if (this.#isSignedOut) return;
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    clearTimeout(this.#pulse);
    if (Date.now() - this.#upSince > LASTED) this.#tries = 0;
    this.#upSince = Infinity;
    this.#state("off");
    clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () => this.#connect(),
      Math.random() * Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#tries++),
    );
  }

  /** The same person may have signed in again elsewhere in this browser: then they go on here. */
  async comeBack() {
    const answer = await fetch(location.href, { headers: { accept: "text/html" } });
    const { me } = parse(await answer.text()).body.dataset;
    if (me !== document.body.dataset.me) return;
    this.#state("off");
    this.#connect();
  }

  #wake() {
    if (this.#isSignedOut) return this.comeBack().catch(() => {});
    this.#tries = 0;
    if (this.#socket) this.#probe();
    else this.#connect();
  }

  #seen() {
    this.send({ visible: !document.hidden });
    if (document.hidden) this.#hiddenAt = Date.now();
    else {
      if (Date.now() - this.#hiddenAt > HIDDEN_TOO_LONG) this.subscribe();
      this.#wake();
    }
  }

  #take(frame) {
    this.#in(QUIET, () => document.hidden || this.#probe());
    if (document.documentElement.dataset.live !== "on") {
      this.#upSince = Date.now();
      this.#state("on");
    }
    if (frame.ver) tell("desk:version", frame.ver);
    if (!frame.ops) return;
    tell("desk:before");
    for (const op of frame.ops) this.#run(op, frame.topic);
    const log = frame.seq && document.querySelector(`[data-sub="${CSS.escape(frame.topic)}"]`);
    if (log) log.dataset.last = Math.max(Number(log.dataset.last), frame.seq);
    tell("desk:after");
  }

  #run(op, topic) {
    if (op.op === "refresh") return tell("desk:refresh", topic);
    if (op.op === "list") return tell("desk:list", op);
    if (op.op === "event") return tell(`desk:${op.a.name}`, op.a);
    document.querySelectorAll(op.to).forEach((to) => actions[op.op]?.(to, op));
  }
}
