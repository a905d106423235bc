// A page with the widget's real modules in it, and around them the few things of a browser that they ask for. Several
// pages live in one process: whose turn it is follows every timer and promise.

import { AsyncLocalStorage } from "node:async_hooks";

const turns = new AsyncLocalStorage();
const here = () => turns.getStore();

// Every word is empty, whatever its key.
const words = new Proxy({}, { get: () => "" });
const node = { hidden: true, textContent: { split: () => words } };
Object.assign(node, { querySelector: () => node });

const define = (on, name, value) => Object.defineProperty(on, name, { value, configurable: true, writable: true });
const listen = (type, fn) => here().listen(type, fn);

define(globalThis, "document", {
  get hidden() {
    return here().isHidden;
  },
  documentElement: { lang: "en", dir: "ltr", dataset: { site: "model", shops: "" } },
  getElementById: () => node,
  addEventListener: listen,
});
define(globalThis, "addEventListener", listen);
define(globalThis, "navigator", { languages: ["en"] });
define(globalThis, "location", new URL("https://chat.example/w/panel"));

const { lineOf } = await import("../../../widget/panel/line.js");
const { hostOf } = await import("../../../widget/panel/bridge.js");

const really = { setTimeout, clearTimeout, now: Date.now, random: Math.random };
const clock = () => here()?.world.clock;

define(globalThis, "setTimeout", (fn, ms) => (here() ? here().after(ms, fn) : really.setTimeout(fn, ms)));
define(globalThis, "clearTimeout", (id) => (here() ? clock().cancel(id) : really.clearTimeout(id)));
define(globalThis, "fetch", ({ pathname, search }, how) => here().world.fetch(here(), pathname + search, how));
define(Date, "now", () => clock()?.now ?? really.now());
define(Math, "random", () => here()?.world.random() ?? really.random());
define(AbortSignal, "timeout", (ms) => {
  const stop = new AbortController();
  here().after(ms, () => stop.abort());
  return stop.signal;
});
define(crypto, "getRandomValues", (bytes) => bytes.map(() => here().world.random() * 256));
define(
  globalThis,
  "WebSocket",
  class {
    static OPEN = 1;
    readyState = 0;
    constructor() {
      here().world.connect(here(), this);
    }
    send(text) {
      this.wire.toServer(JSON.parse(text));
    }
    close() {
      this.readyState = 3;
      this.wire.leave();
    }
  },
);

export class Page {
  #ears = [];
  #port = { postMessage: (message) => this.#told(message) };

  isDead = false;
  isHidden = false;

  /** `tab` names it in what it says; `kept` is what the loader kept, shared by all tabs. */
  constructor(world, tab, kept) {
    Object.assign(this, { world, tab, kept });
    this.run(() => {
      const hello = { kept: { ...kept }, identity: null };
      this.line = lineOf(hostOf(this.#port), hello);
      this.line.reading.isOpen = true;
      this.line.draw();
    });
  }

  run(fn) {
    return this.isDead ? undefined : turns.run(this, fn);
  }

  after(ms, fn) {
    return this.world.clock.after(ms, () => this.run(fn));
  }

  listen(type, fn) {
    this.#ears.push({ type, fn });
  }

  fire(type, event = {}) {
    for (const ear of this.#ears) if (ear.type === type) this.run(() => ear.fn(event));
  }

  show(on) {
    this.isHidden = !on;
    this.fire("visibilitychange");
  }

  press(body, rest) {
    this.run(() => this.line.press({ type: "send", body, ...rest }));
  }

  /** Another tab's word, as the loader passes it on. */
  hear(message) {
    this.after(1, () => this.#port.onmessage({ data: message }));
  }

  /** A page that is left says goodbye; one that crashes does not. */
  leave(politely) {
    if (politely) this.fire("pagehide");
    this.isDead = true;
    this.world.gone(this);
  }

  #told({ t, k, v, m }) {
    if (t === "kv" && v == null) delete this.kept[k];
    else if (t === "kv") this.kept[k] = v;
    else if (t === "cast") this.world.cast(this, structuredClone(m));
  }
}
