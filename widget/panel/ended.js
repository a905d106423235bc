// After the chat: one to five stars, a comment, the transcript by e-mail, and the way to a new chat.

import { announce, field, h, say, sayCount, textButton } from "./first.js";
import { mailForm } from "./post.js";
import { shape } from "./shapes.js";

function stars() {
  const choices = [1, 2, 3, 4, 5].map((n) => {
    const input = h("input", { type: "radio", name: "score", value: n, class: "hush" });
    return h(
      "label",
      { class: "rate", title: sayCount("star", n) },
      input,
      shape("star"),
      h("span", { class: "hush" }, sayCount("star", n)),
    );
  });
  return h("fieldset", { class: "stars" }, h("legend", {}, say("rate")), h("div", {}, ...choices));
}

function rating(outbox, done) {
  const comment = field({ name: "comment", label: say("comment"), type: "textarea" });
  const more = h("div", { class: "form", hidden: true }, comment, h("button", { class: "primary" }, say("rateit")));
  const node = h("form", {}, stars(), more);
  node.addEventListener("change", () => {
    more.hidden = false;
  });
  node.addEventListener("submit", (event) => {
    event.preventDefault();
    const values = new FormData(node);
    if (!values.get("score") || node.inert) return;
    node.inert = true;
    const score = Number(values.get("score"));
    outbox.add({ type: "rate", score, comment: values.get("comment").trim() }, (failure) => {
      node.inert = false;
      if (!failure) done(score);
      else announce(say("failed"));
    });
  });
  return node;
}

const transcript = (outbox, email) =>
  mailForm(email, say("mailit"), ({ email: to }) => {
    const said = say("mailed", { email: to });
    return new Promise((sent, failed) =>
      outbox.add({ type: "transcript", email: to }, (failure) => (failure ? failed() : sent(said))),
    );
  });

export function endedCard({ record, outbox, email, again, rated }) {
  const thanked = h("p", { class: "thanks", tabindex: "-1" }, shape("check"), say("thanks"));
  const rate = rating(outbox, (score) => {
    announce(say("thanks"));
    rate.replaceWith(thanked);
    thanked.focus();
    rated(score);
  });
  const title = record.ticket ? say("ticketed", { n: String(record.ticket) }) : say("ended");
  const opinion = record.rated ? thanked : rate;
  const asksOpinion = record.events.some(({ kind }) => kind === "assigned");
  const parts = [h("h2", { tabindex: "-1" }, title), asksOpinion ? opinion : null, transcript(outbox, email)];
  return h("section", { class: "ended" }, ...parts, textButton(say("again"), again, "plain wide"));
}
