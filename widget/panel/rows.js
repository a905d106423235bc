// What the list shows, oldest first: messages, what is still on its way, what happened, and the days between.

import { say } from "./words.js";

const GROUP = 300_000;

const keyOf = ({ cid, id }) => cid ?? id;

function noteOf({ kind, agent, to }) {
  if (kind === "assigned") return say("joined", { name: agent?.name });
  if (kind === "left") return say("left", { name: agent?.name });
  if (kind === "transferred") return say("moved", { name: to?.team ?? to?.agent });
  return null;
}

function asRow(event) {
  if (event.kind !== "message") {
    const note = noteOf(event);
    return note && { key: event.id, note, at: event.at };
  }
  return { key: keyOf(event), event, mine: event.by?.role === "shopper", by: event.by, at: event.at };
}

const sameDay = (a, b) => new Date(a).toDateString() === new Date(b).toDateString();

const sameGroup = (a, b) =>
  a?.by && b?.by?.role === a.by.role && a.by.name === b.by.name && Math.abs(new Date(b.at) - new Date(a.at)) < GROUP;

export function rowsOf(record, waiting, { now, recallMs }) {
  const pending = waiting.map((item) => ({
    key: item.frame.cid,
    pending: item,
    event: { ...item.frame, files: item.files },
    mine: true,
    by: { role: "shopper" },
    at: new Date(item.at).toISOString(),
  }));
  const rows = [...record.events.map(asRow).filter(Boolean), ...pending];
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
