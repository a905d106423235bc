// The conversation as the server numbers it. Applies only the next number; an older one is ignored, a newer one is
// held for two seconds and then asked for. What the shopper sees of the state is read from these events alone.

import { signals } from "./signals.js";

const HOLD = 2000;

export function recordOf() {
  const held = new Map();
  const dismissed = new Set();
  let timer = 0;
  let due = 0;
  let asked = null;
  let had = 0;
  let isForked = false;

  const record = {
    ...signals(),
    get isOpen() {
      return record.state !== "none" && record.state !== "ended";
    },
  };
  const changed = () => record.emit("change");
  const gap = () => record.emit("gap");

  function forgetHeld() {
    held.clear();
    due = 0;
    record.paused = null;
  }

  function clear(id) {
    forgetHeld();
    isForked = false;
    Object.assign(record, {
      id,
      epoch: null,
      last: 0,
      tip: null,
      events: [],
      earlier: false,
      isOwed: false,
      state: "none",
      agent: null,
      seen: 0,
      delivered: 0,
      closedAt: null,
      ticket: null,
      rated: null,
      queue: null,
    });
  }

  // What is held is part of the answer, or of a database that is no more.
  record.cursor = () => {
    forgetHeld();
    const { id, epoch, last, tip } = record;
    asked = id;
    record.isOwed = Boolean(id);
    had = last;
    if (!id) return [];
    const known = epoch !== null && last > 0;
    return [
      known ? { conversation: id, epoch, after: last, tip } : { conversation: id, epoch: null, after: 0, tip: null },
    ];
  };

  record.adopt = (id) => {
    if (id === record.id) return;
    clear(id);
    changed();
  };

  record.dismiss = () => {
    if (record.id) dismissed.add(record.id);
    clear(null);
    changed();
  };

  // The server has nothing of what was asked for, or not for this shopper.
  record.refuse = () => {
    if (!record.id || record.id !== asked) return;
    record.dismiss();
    gap();
  };

  // One conversation is open at most: a word from another means that this one has ended, and the server knows which is.
  record.take = (event, isNews = false) => {
    const { conversation, seq } = event;
    const isFree = !record.id || record.state === "ended";
    if (event.again) dismissed.delete(conversation);
    if (isFree && !dismissed.has(conversation)) record.adopt(conversation);
    if (conversation !== record.id) {
      if (!isFree && !dismissed.has(conversation)) gap();
      return;
    }
    if (record.paused) held.set(seq, event);
    else if (seq <= record.last) again(event);
    else if (seq > record.last + 1) {
      held.set(seq, event);
      expect(seq);
    } else {
      apply(event, isNews);
      release();
    }
  };

  // A replay shows a taken-back message as it is now, whatever was shown of it before. Another event under the same
  // number is of a database that was put back to an older state: what is shown is not the server's any more.
  function again(event) {
    const known = record.events.find(({ seq }) => seq === event.seq);
    if (known && known.id !== event.id) isForked = true;
    if (known && event.recalled) takeBack(known);
  }

  // Two seconds for what comes before this number, however much comes after it meanwhile.
  function expect(seq) {
    due = Math.max(due, seq);
    if (timer) return;
    timer = setTimeout(() => {
      timer = 0;
      if (due > record.last) gap();
    }, HOLD);
  }

  function release() {
    for (let next = held.get(record.last + 1); next; next = held.get(record.last + 1)) {
      held.delete(next.seq);
      apply(next, true);
    }
  }

  record.synced = ({ conversation, epoch, head }) => {
    if (conversation !== record.id) return;
    record.epoch = epoch;
    if (isForked || head < had) {
      record.tip = null;
      gap();
      return;
    }
    record.isOwed = false;
    release();
    expect(head);
    changed();
  };

  // The server could not promise a replay without holes: begin again from the newest page of history, and let whatever
  // comes in the meantime wait for it.
  record.pause = (reset) => {
    if (reset.conversation === record.id) record.paused = reset;
  };

  record.restore = ({ conversation, epoch, head }, { events, more }, state) => {
    const { seen, delivered } = record;
    const newer = [...held.values()];
    clear(conversation);
    Object.assign(record, { seen, delivered, last: (events[0]?.seq ?? head + 1) - 1 });
    for (const event of events) apply(event, false);
    Object.assign(record, { epoch, last: head, tip: events.at(-1)?.id ?? null, earlier: more });
    if (record.state === "none" && state) record.state = state === "waiting" ? "queued" : "chatting";
    for (const event of newer) record.take(event, true);
    changed();
  };

  record.prepend = ({ events, more }) => {
    record.events.unshift(...events.filter(({ seq }) => seq < (record.events[0]?.seq ?? 0)));
    record.earlier = more;
    changed();
  };

  // "seen" or "delivered", of what the shopper wrote.
  record.mark = (what, upto) => {
    if (upto <= record[what]) return;
    record[what] = upto;
    changed();
  };

  function apply(event, isNews) {
    record.last = event.seq;
    record.tip = event.id;
    record.events.push(event);
    Object.assign(record, moves[event.kind]?.(event, record));
    record.emit("event", { event, isNews });
    changed();
  }

  clear(null);
  return record;
}

const takeBack = (message) => {
  Object.assign(message, { body: null, recalled: true });
};

// What an event changes of the state.
const moves = {
  // A second time where it goes on after its end.
  opened: () => ({ state: "queued", agent: null }),
  assigned: ({ agent }) => ({ state: "chatting", agent, queue: null }),
  message: ({ by }, { state }) =>
    by?.role === "agent" && state !== "ended" ? { state: "chatting", agent: by, queue: null } : {},
  left: () => ({ state: "left", agent: null }),
  transferred: ({ to }) => (to?.team ? { state: "queued", agent: null } : {}),
  closed: ({ at }) => ({ state: "ended", closedAt: at, queue: null }),
  ticketed: ({ number, at }) => ({ state: "ended", ticket: number, closedAt: at, queue: null }),
  rated: ({ score }) => ({ rated: score }),
  recalled({ target }, { events }) {
    const message = events.find(({ id }) => id === target);
    if (message) takeBack(message);
  },
};
