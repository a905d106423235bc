// What the shopper has asked for and the server has not yet confirmed. One frame is under way at a time, so order
// holds whatever is refused or lost; the same cid goes again after a reconnect or ten seconds of silence.

import { newCid, signals } from "./signals.js";

const SILENCE = 10_000;
const DAY = 86_400_000;
const KEPT = 50;
const KEPT_CHARS = 65_536;
const LONGEST = 8000;
// No server refuses a message by this word.
const GIVEN_UP = "too_late";

export function outboxOf(record, link, host, kept) {
  let timer = 0;
  let flying = null;

  const outbox = {
    ...signals(),
    items: Object.keys(kept)
      .filter((key) => key.startsWith("q."))
      .map((key) => JSON.parse(kept[key]))
      .sort((a, b) => a.at - b.at),
    get messages() {
      return outbox.items.filter(({ frame }) => frame.type === "send");
    },
    get isEmpty() {
      return outbox.items.every(({ failed }) => failed);
    },
    // Whatever is taken on is kept, so there is an end to what is taken on.
    get isFull() {
      const { messages } = outbox;
      const chars = messages.reduce((sum, { frame }) => sum + frame.body.length, 0);
      return messages.length >= KEPT || chars > KEPT_CHARS - LONGEST;
    },
  };

  const named = (cid) => outbox.items.find(({ frame }) => frame.cid === cid);

  outbox.add = (frame, settled, files, cid = newCid()) => {
    // Times order what is kept: two of one millisecond, or of a clock that was set back, must not change places.
    const at = Math.max(Date.now(), (outbox.items.at(-1)?.at ?? 0) + 1);
    const item = { frame: { ...frame, cid }, at, settled, files };
    outbox.items.push(item);
    keep(item);
    changed();
  };

  // After the server's final refusal nothing was stored, so a new cid can never make it twice. What was given up here
  // may have been stored all the same: it goes under its old one.
  outbox.retry = ({ frame, failed, settled, files }) => {
    outbox.remove(frame.cid);
    outbox.add(frame, settled, files, failed === GIVEN_UP ? frame.cid : newCid());
  };

  outbox.remove = (cid) => {
    const found = named(cid);
    if (!found) return undefined;
    outbox.items = outbox.items.filter((item) => item !== found);
    host.keep(`q.${cid}`, null);
    if (flying === found) land();
    changed();
    return found;
  };

  outbox.refuse = ({ cid, code, terminal, retry_ms: retryMs }) => {
    const item = named(cid);
    if (!item) return;
    if (flying === item) land();
    if (!terminal) {
      timer = setTimeout(outbox.pump, Math.max(retryMs ?? 0, 250));
      return;
    }
    item.failed = code;
    keep(item);
    if (item.frame.type !== "send") outbox.remove(cid);
    item.settled?.(code);
    changed();
  };

  function changed() {
    outbox.emit("change");
    outbox.pump();
  }

  // Without the addresses of files: they end with this page.
  function keep({ frame, at, failed, files }) {
    const shown = files?.map(({ url, thumb, ...file }) => file);
    if (frame.type === "send") host.keep(`q.${frame.cid}`, JSON.stringify({ frame, at, failed, files: shown }));
  }

  function land() {
    clearTimeout(timer);
    flying = null;
  }

  // Nothing is given up before the server has shown what it holds: it may be among that.
  outbox.pump = () => {
    if (flying) return;
    const next = outbox.items.find(({ failed }) => !failed);
    if (!next) return;
    if (Date.now() - next.at < DAY) fly(next);
    else if (link.state === "up" && !record.isOwed)
      outbox.refuse({ cid: next.frame.cid, code: GIVEN_UP, terminal: true });
  };

  function fly(item) {
    if (!link.send(item.frame)) return;
    flying = item;
    clearTimeout(timer);
    timer = setTimeout(() => fly(item), SILENCE);
  }

  link.on("up", outbox.pump);
  link.on("down", land);
  return outbox;
}
