// What the list shows, oldest first: messages, what is still on its way, what happened, and the days between.

import { say } from "./words.js";

const GROUP = 300_000;

function noteOf({ kind, agent, to }) {
  if (kind === "assigned") return say("joined", { name: agent?.name });
  if (kind === "left") return say("left", { name: agent?.name });
  return kind === "transferred" && say("moved", { name: to?.team ?? to?.agent });
}

function asRow(event) {
  const { kind, cid, id, by, at } = event;
  if (kind === "message") return { key: cid ?? id, event, mine: by?.role === "shopper", by, at };
  const note = noteOf(event);
  return note && { key: id, note, at };
}

// What is not confirmed yet, as the message it will be.
function asPending(item) {
  const { frame, files } = item;
  const at = new Date(item.at).toISOString();
  return { ...asRow({ ...frame, files, kind: "message", by: { role: "shopper" }, at }), pending: item };
}

const sameDay = (a, b) => new Date(a).toDateString() === new Date(b).toDateString();

const sameGroup = (a, b) =>
  a?.by && b?.by?.role === a.by.role && a.by.name === b.by.name && Math.abs(new Date(b.at) - new Date(a.at)) < GROUP;

export function rowsOf(record, waiting, { now, recallMs }) {
  const rows = [...record.events.map(asRow).filter(Boolean), ...waiting.map(asPending)];
  const full = [];
  rows.forEach((row, at) => {
    const before = rows[at - 1];
    if (!sameDay(row.at, before?.at ?? now)) full.push({ key: `day-${row.key}`, day: row.at });
    row.first = !sameGroup(before, row);
    row.last = !sameGroup(row, rows[at + 1]);
    const { seq } = row.mine ? row.event : {};
    row.seen = seq <= record.seen;
    row.delivered = seq <= record.delivered;
    row.canRecall = seq && record.isOpen && now - new Date(row.at) < recallMs;
    full.push(row);
  });
  return full;
}
