// The list of messages. Every change draws the whole list against what is there, keyed by cid, so that a bubble that
// was "sending" becomes the confirmed one without moving.

import { bubble, dayLine, noteLine, refresh } from "./bubble.js";
import { byId, h, redraw, textButton } from "./dom.js";
import { rowsOf } from "./rows.js";
import { sayCount } from "./words.js";

const NEAR = 80;

const list = byId("list");
const log = byId("log");
const jump = byId("jump");
const older = byId("older");
const nodes = new Map();
let missed = 0;
let count = 0;
let recallTimer = 0;
let isStuck = true;

function caughtUp() {
  missed = 0;
  jump.hidden = true;
}

export function toEnd() {
  log.scrollTop = log.scrollHeight;
  isStuck = true;
  caughtUp();
}

jump.onclick = toEnd;
log.onscroll = () => {
  isStuck = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR;
  if (isStuck) caughtUp();
};
const sizes = new ResizeObserver(() => isStuck && toEnd());
for (const node of [log, list, byId("typing")]) sizes.observe(node);

function countMissed(rows) {
  missed += Math.max(0, rows.length - count);
  jump.hidden = missed === 0;
  jump.textContent = `${sayCount("new", missed)} ↓`;
}

function make(row) {
  const node = h("li", {}, row.note ? noteLine(row) : row.day ? dayLine(row) : bubble(row));
  nodes.set(row.key, node);
  return node;
}

function place(rows, panel) {
  const kept = new Set(rows.map(({ key }) => key));
  for (const [key, node] of nodes) {
    if (kept.has(key)) continue;
    node.remove();
    nodes.delete(key);
  }
  rows.forEach((row, at) => {
    const node = nodes.get(row.key) ?? make(row);
    refresh(node, row, panel);
    if (list.children[at] !== node) list.insertBefore(node, list.children[at] ?? null);
  });
}

// Answers to choose from, as long as nothing was said since.
function offer({ record, begin, composer }, newest) {
  const replies = (record.isOpen && !newest?.pending && newest?.event.replies) || [];
  const press = (body) => () => {
    begin({ type: "send", body });
    composer.focus();
  };
  redraw(byId("replies"), replies.join("\n"), () => replies.map((body) => textButton(body, press(body))));
}

export function drawMessages(panel) {
  const { record, outbox, chat } = panel;
  const recallMs = (chat.limits.recall_s ?? 120) * 1000;
  const { now } = chat;
  const rows = rowsOf(record, outbox.messages, { now, recallMs });
  const stuck = isStuck;
  const below = log.scrollHeight - log.scrollTop;
  const isOlder = nodes.size > 0 && rows.length > 0 && !nodes.has(rows[0].key);
  place(rows, panel);
  older.hidden = !record.earlier;
  older.onclick = () => chat.older();
  offer(
    panel,
    rows.findLast(({ event }) => event),
  );
  if (stuck || rows.at(-1)?.pending) toEnd();
  else if (isOlder) log.scrollTop = log.scrollHeight - below;
  else countMissed(rows);
  count = rows.length;
  clearTimeout(recallTimer);
  const oldest = rows.find(({ canRecall }) => canRecall);
  if (oldest) recallTimer = setTimeout(panel.changed, new Date(oldest.at) - now + recallMs + 50);
}
