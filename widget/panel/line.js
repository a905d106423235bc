// The panel without its face: what was said, what is still to be said, and when a connection is wanted for it. Its face
// is told by drawn().

import { chatOf } from "./chat.js";
import { linkOf } from "./link.js";
import { outboxOf } from "./outbox.js";
import { readingOf } from "./reading.js";
import { recordOf } from "./record.js";
import { seatOf } from "./seat.js";
import { sessionOf } from "./session.js";

const STALE = 1_800_000;

export function lineOf(host, hello) {
  const { kept } = hello;
  const record = recordOf();
  const session = sessionOf(host, hello);
  const link = linkOf(session.open, record.cursor);
  const outbox = outboxOf(record, link, host, kept);
  const reading = readingOf(record, link, host, kept);
  const line = { host, record, session, link, outbox, reading };
  let isDrawing = false;
  let isShelved = false;
  let fresh = null;
  let timer = 0;

  line.changed = () => {
    if (isDrawing) return;
    isDrawing = true;
    queueMicrotask(line.draw);
  };

  // files: what the message shows of them, and the frame their names on the server.
  // What ended lately goes on with it.
  line.press = (frame, files) => {
    outbox.add({ ...frame, reopen: Boolean(record.id), files: files?.map(({ id }) => id) }, undefined, files);
  };

  line.want = () => {
    const hasReason = reading.isOpen || (Boolean(record.id) && record.state !== "ended");
    // A page in the back/forward cache holds no connection, whatever happens to it on its way there.
    link.want(!isShelved && (!outbox.isEmpty || (hasReason && !line.seat.rests)));
  };

  // Until the server has spoken of it, a chat stays remembered as it was.
  function remember() {
    const { id, isOpen, state } = record;
    if (id && state === "none") return;
    keep("live", isOpen ? id : null);
    keep("done", isOpen ? null : id);
  }

  function keep(key, id) {
    if (kept[key] === id) return;
    kept[key] = id;
    host.keep(key, id);
  }

  // A chat that ended long ago is not what the shopper came back for. Whoever looks at it meanwhile may go on looking.
  function dropStale() {
    clearTimeout(timer);
    line.mayReopen = false;
    if (!session.answer || record.state !== "ended") return;
    const left = new Date(record.closedAt) - line.chat.now + STALE;
    line.mayReopen = left > 0 && !record.ticket && session.answer.site.open;
    if (left > 0) {
      fresh = record.id;
      timer = setTimeout(line.changed, left);
    } else if (fresh !== record.id || !reading.isOpen) record.dismiss();
  }

  line.draw = () => {
    isDrawing = false;
    dropStale();
    remember();
    line.want();
    line.drawn?.();
  };

  // Where to write to, as far as it is known.
  line.email = () => session.answer?.shopper?.email || record.events[0]?.intake?.email || "";

  line.chat = chatOf(line);
  line.seat = seatOf(host, link, line.want);

  record.on("event", ({ event, isNews }) => isNews && link.state === "up" && host.cast({ own: event }));
  for (const part of [record, outbox, link]) part.on("change", line.changed);
  link.on("session", ({ conversation }) => {
    if (conversation) record.adopt(conversation.id);
    line.changed();
  });
  host.on("tab", ({ own, read }) => {
    if (own) outbox.remove(own.cid);
    if (own) record.take(own, true);
    if (read) reading.markedElsewhere(read.id, read.upto);
  });

  document.addEventListener("visibilitychange", () => document.hidden || link.wake());
  addEventListener("online", link.wake);
  addEventListener("offline", link.lose);
  for (const type of ["pagehide", "pageshow"]) {
    addEventListener(type, () => {
      isShelved = type === "pagehide";
      line.want();
    });
  }
  const id = kept.live ?? kept.done;
  if (id) record.adopt(id);
  return line;
}
