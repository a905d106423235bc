// After the chat: one to five stars, a comment, the transcript by e-mail, and the way to a new chat.

import { byId } from "./dom.js";
import { mailForm } from "./post.js";
import { announce } from "./status.js";
import { say } from "./words.js";

const card = byId("ended");
const [title, thanked] = card.children;
const rating = byId("rating");
const more = rating.lastElementChild;

rating.onchange = () => {
  more.hidden = false;
};

const transcript = (outbox, email) =>
  mailForm(email, say("mailit"), ({ email: to }) => {
    const said = say("mailed", { email: to });
    return new Promise((sent, failed) =>
      outbox.add({ type: "transcript", email: to }, (failure) => (failure ? failed() : sent(said))),
    );
  });

export function drawEnded({ record, outbox, email, host }) {
  title.textContent = record.ticket ? say("ticketed", { n: String(record.ticket) }) : say("ended");
  const draw = (isRated) => {
    const isAsked = record.events.some(({ kind }) => kind === "assigned");
    rating.hidden = isRated || !isAsked;
    thanked.hidden = !isRated || !isAsked;
  };
  draw(record.rated);
  rating.reset();
  rating.inert = false;
  more.hidden = true;
  rating.onsubmit = (event) => {
    event.preventDefault();
    const values = new FormData(rating);
    const score = Number(values.get("score"));
    if (!score || rating.inert) return;
    rating.inert = true;
    outbox.add({ type: "rate", score, comment: values.get("comment").trim() }, (failure) => {
      rating.inert = false;
      announce(failure ? say("failed") : say("thanks"));
      if (failure) return;
      draw(score);
      thanked.focus();
      host.event("rate", { score });
    });
  };
  byId("mailit").replaceChildren(transcript(outbox, email()));
}
