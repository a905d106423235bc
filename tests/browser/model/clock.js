// Time that stands still until it is told to go on. Between two timers everything that was promised is settled first.

const { setImmediate } = globalThis;

export const settled = () => new Promise((done) => setImmediate(done));

export class Clock {
  #timers = [];
  #count = 0;

  now = Date.UTC(2026, 0, 5, 9);

  after(ms, fn) {
    this.#count += 1;
    const timer = { id: this.#count, at: this.now + Math.max(0, ms || 0), fn };
    const place = this.#timers.findLastIndex(({ at }) => at <= timer.at) + 1;
    this.#timers.splice(place, 0, timer);
    return timer.id;
  }

  cancel(id) {
    const place = this.#timers.findIndex((timer) => timer.id === id);
    if (place >= 0) this.#timers.splice(place, 1);
  }

  /** The device slept: everything goes on where it was, later. */
  leap(ms) {
    this.now += ms;
    for (const timer of this.#timers) timer.at += ms;
  }

  async advance(ms) {
    const end = this.now + ms;
    await this.until(() => false, ms);
    this.now = end;
  }

  /** Goes on until it holds, and says whether it did within this time. */
  async until(holds, ms) {
    const end = this.now + ms;
    await settled();
    while (!holds() && this.#timers[0]?.at <= end) {
      const { at, fn } = this.#timers.shift();
      this.now = at;
      fn();
      await settled();
    }
    return holds();
  }
}
