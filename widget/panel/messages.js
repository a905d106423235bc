// The list of messages. Every change draws the whole list against what is there, keyed by cid, so that a bubble that
// was "sending" becomes the confirmed one without moving.

import { bubble, dayLine, noteLine, refresh } from "./bubble.js";
import { byId, h, redraw, textButton } from "./dom.js";
import { rowsOf } from "./rows.js";
import { sayCount } from "./words.js";

const NEAR = 80;

export class Messages {
  #list = byId("list");
  #log = byId("log");
  #jump = byId("jump");
  #nodes = new Map();
  #missed = 0;
  #count = 0;
  #actions;
  #recallTimer = 0;
  #stuck = true;

  constructor(actions) {
    this.#actions = actions;
    this.#jump.onclick = () => this.toEnd();
    this.#log.onscroll = () => this.#isNearEnd() && this.#caughtUp();
    byId("older").onclick = actions.older;
    const sizes = new ResizeObserver(() => this.#stuck && this.toEnd());
    for (const node of [this.#log, this.#list, byId("typing")]) sizes.observe(node);
  }

  // Answers to choose from, as long as nothing was said since.
  #offer({ pending, event }) {
    const replies = (!pending && event.replies) || [];
    const press = (body) => this.#actions.begin({ type: "send", body });
    redraw(byId("replies"), replies.join("\n"), () => replies.map((text) => textButton(text, () => press(text))));
  }

  #isNearEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.#log;
    this.#stuck = scrollHeight - scrollTop - clientHeight < NEAR;
    return this.#stuck;
  }

  #caughtUp() {
    this.#missed = 0;
    this.#jump.hidden = true;
  }

  toEnd() {
    this.#log.scrollTop = this.#log.scrollHeight;
    this.#stuck = true;
    this.#caughtUp();
  }

  draw() {
    const { record, outbox, chat } = this.#actions;
    const recallMs = (chat.limits.recall_s ?? 120) * 1000;
    const rows = rowsOf(record, outbox.messages, { now: chat.now, recallMs });
    const stuck = this.#stuck;
    const below = this.#log.scrollHeight - this.#log.scrollTop;
    const prepended = this.#nodes.size > 0 && rows.length > 0 && !this.#nodes.has(rows[0].key);
    this.#place(rows);
    byId("older").hidden = !record.earlier;
    this.#offer((record.isOpen && rows.findLast(({ event }) => event)) || { event: {} });
    if (stuck || rows.at(-1)?.pending) this.toEnd();
    else if (prepended) this.#log.scrollTop = this.#log.scrollHeight - below;
    else this.#countMissed(rows);
    this.#count = rows.length;
    this.#drawAgainWhenRecallEnds(rows, chat.now, recallMs);
  }

  #drawAgainWhenRecallEnds(rows, now, recallMs) {
    clearTimeout(this.#recallTimer);
    const oldest = rows.find(({ canRecall }) => canRecall);
    if (oldest) this.#recallTimer = setTimeout(this.#actions.changed, new Date(oldest.at) - now + recallMs + 50);
  }

  #countMissed(rows) {
    this.#missed += Math.max(0, rows.length - this.#count);
    this.#jump.hidden = this.#missed === 0;
    this.#jump.textContent = `${sayCount("new", this.#missed)} ↓`;
  }

  #place(rows) {
    const kept = new Set(rows.map(({ key }) => key));
    for (const [key, node] of this.#nodes) {
      if (kept.has(key)) continue;
      node.remove();
      this.#nodes.delete(key);
    }
    rows.forEach((row, at) => {
      const node = this.#nodes.get(row.key) ?? this.#make(row);
      refresh(node, row, this.#actions);
      if (this.#list.children[at] !== node) this.#list.insertBefore(node, this.#list.children[at] ?? null);
    });
  }

  #make(row) {
    const node = h("li", {}, row.note ? noteLine(row) : row.day ? dayLine(row) : bubble(row));
    this.#nodes.set(row.key, node);
    return node;
  }
}
