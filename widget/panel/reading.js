// What the shopper has read, what is new, and when that deserves a sound. Read means: panel open, page visible.

import { ring } from "./tone.js";
import { sayCount } from "./words.js";

const GRACE = 400;

const isFromAgent = ({ kind, by }) => kind === "message" && by?.role !== "shopper";

export function readingOf(record, link, host, kept) {
  let upto = 0;
  let id = null;
  let known = kept.read ?? "";

  const reading = { isOpen: false, muted: Boolean(kept.mute) };
  const isReading = () => reading.isOpen && !document.hidden;

  reading.setMuted = (muted) => {
    reading.muted = muted;
    host.keep("mute", muted ? "1" : null);
  };

  // Another tab of this shopper has read that far.
  reading.markedElsewhere = (other, far) => {
    if (other !== record.id || far <= upto) return;
    upto = far;
    reading.update();
  };

  reading.update = () => {
    if (record.id !== id) {
      id = record.id;
      const [keptId, far] = known.split(" ");
      upto = keptId === id ? Number(far) : 0;
    }
    const fresh = record.events.filter((event) => event.seq > upto && isFromAgent(event));
    if (fresh.length > 0 && isReading()) mark(fresh.at(-1).seq);
    const n = isReading() ? 0 : fresh.length;
    host.tell("unread", { n, text: sayCount("new", n) });
  };

  function mark(far) {
    upto = far;
    known = `${id} ${upto}`;
    host.keep("read", known);
    host.cast({ read: { id, upto } });
    report();
  }

  // Said again on each new connection: a tab that was just returned to has none yet, or one that died unnoticed.
  function report() {
    if (upto) link.send({ type: "read", conversation: id, upto });
  }

  // Another tab may be reading it this moment; it gets the time to say so.
  function arrived({ id, seq, body }) {
    host.event("message", { role: "agent", body });
    setTimeout(() => {
      if (!isReading() && !reading.muted && seq > upto) host.tell("ring", { id });
    }, GRACE);
  }

  record.on("event", ({ event, isNews }) => isNews && isFromAgent(event) && arrived(event));
  record.on("change", reading.update);
  document.addEventListener("visibilitychange", reading.update);
  link.on("up", report);
  host.on("tone", ring);
  return reading;
}
