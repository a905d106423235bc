// One row of the list: what was said with its files and its state in words, a note of what happened, or a day.

import { isOurs } from "./bridge.js";
import { cardsFor } from "./cards.js";
import { avatar, h, redraw, textButton } from "./dom.js";
import { filesOf } from "./shown.js";
import { announce } from "./status.js";
import { region, say } from "./words.js";

const day = new Intl.DateTimeFormat(region, { dateStyle: "medium" });
const clock = new Intl.DateTimeFormat(region, { timeStyle: "short" });

const link = /\b(?:https?:\/\/|mailto:|tel:)[^\s<>"'，。]*[^\s<>"'，。.,:;!?)\]}]/g;

function linked(text, nav) {
  const parts = [];
  let from = 0;
  for (const found of text.matchAll(link)) {
    const href = found[0];
    parts.push(text.slice(from, found.index));
    parts.push(
      h("a", { href, target: "_blank", rel: "noopener nofollow", onclick: (event) => nav(event, href) }, href),
    );
    from = found.index + href.length;
  }
  return [...parts, text.slice(from)];
}

const time = (at, format) => h("time", { datetime: at }, format.format(new Date(at)));

export const noteLine = ({ note }) => h("p", { class: "note", dir: "auto" }, note);

export const dayLine = (row) => h("p", { class: "note" }, time(row.day, day));

const box = (name) => h("div", { class: name });

export function bubble({ mine, by }) {
  const name = mine ? null : h("p", { class: "by" }, h("bdi", {}, by?.name ?? ""));
  const face = mine ? null : avatar(by);
  const said = h(
    "div",
    { class: "said" },
    name,
    h("p", { class: "bubble", dir: "auto" }),
    box("shown"),
    box("cards"),
    box("meta"),
  );
  return h("div", { class: "row" }, face, said);
}

function state(row) {
  if (row.pending?.failed) return say("failed");
  if (row.pending) return say("sending");
  if (row.seen) return say("seen");
  return row.delivered ? say("delivered") : say("sent");
}

const takeBack = (outbox, { id }) =>
  outbox.add({ type: "recall", event: id }, (failure) => failure && announce(say("late")));

function meta(row, actions) {
  const parts = [time(row.at, clock)];
  if (row.mine) parts.push(h("span", { class: "state" }, state(row)));
  if (row.pending?.failed) {
    parts.push(textButton(say("retry"), () => actions.outbox.retry(row.pending)));
    parts.push(textButton(say("discard"), () => actions.outbox.remove(row.event.cid)));
  }
  if (row.canRecall && !row.event.recalled)
    parts.push(textButton(say("recall"), () => takeBack(actions.outbox, row.event)));
  return parts;
}

export function refresh(node, row, actions) {
  if (row.note || row.day) return;
  const { event, mine, first, last } = row;
  const failed = Boolean(row.pending?.failed);
  const recalled = Boolean(event.recalled);
  const marks = { mine, first, last, failed, recalled };
  for (const name in marks) node.classList.toggle(name, Boolean(marks[name]));
  const [body, shown, cards, about] = node.querySelectorAll(".bubble,.shown,.cards,.meta");
  const text = recalled ? say("recalled") : (event.body ?? "");
  const files = recalled ? [] : (event.files ?? []);
  redraw(body, text, () => (recalled ? [text] : linked(text, actions.nav)));
  redraw(shown, files.map(({ id }) => id).join(), () => filesOf(files, actions.session));
  const isShop = !recalled && event.seq && [...body.querySelectorAll("a")].some(({ href }) => isOurs(href));
  redraw(cards, isShop ? "1" : "", () => (isShop ? cardsFor(cards, event.seq, actions) : []));
  const look = [row.at, state(row), row.canRecall && !recalled].join();
  redraw(about, look, () => meta(row, actions));
}
