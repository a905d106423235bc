// One row of the list: a bubble with its state in words, a note of what happened, or a day.

import { avatar, h, region, say, textButton } from "./first.js";

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

export function bubble({ mine, by }) {
  const name = mine ? null : h("p", { class: "by" }, h("bdi", {}, by?.name ?? ""));
  const face = mine ? null : avatar(by);
  return h(
    "div",
    { class: "row" },
    face,
    h("div", { class: "said" }, name, h("p", { class: "bubble", dir: "auto" }), h("p", { class: "meta" })),
  );
}

function state(row) {
  if (row.pending?.failed) return say("failed");
  if (row.pending) return say("sending");
  return say(row.seen ? "seen" : "sent");
}

function meta(row, actions) {
  const parts = [time(row.at, clock)];
  if (row.mine) parts.push(h("span", { class: "state" }, state(row)));
  if (row.pending?.failed) {
    parts.push(textButton(say("retry"), () => actions.retry(row.pending)));
    parts.push(textButton(say("discard"), () => actions.discard(row.pending)));
  }
  if (row.canRecall && !row.event.recalled) parts.push(textButton(say("recall"), () => actions.recall(row.event)));
  return parts;
}

// Only what differs is touched: a screen reader or a selection inside a bubble must not lose its place.
export function refresh(node, row, actions) {
  if (row.note || row.day) return;
  const { event, mine, first, last } = row;
  const failed = Boolean(row.pending?.failed);
  const marks = { mine, first, last, failed, recalled: Boolean(event.recalled) };
  node.className = Object.keys(marks)
    .filter((name) => marks[name])
    .join(" ");
  const text = event.recalled ? say("recalled") : (event.body ?? "");
  const body = node.querySelector(".bubble");
  if (body.textContent !== text) body.replaceChildren(...(event.recalled ? [text] : linked(text, actions.nav)));
  const look = [row.at, state(row), failed, row.canRecall && !event.recalled].join();
  if (node.dataset.look === look) return;
  node.dataset.look = look;
  node.querySelector(".meta").replaceChildren(...meta(row, actions));
}
