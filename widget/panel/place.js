// Keeping one's place in line: the page may be closed, and a letter calls.

import { byId, h, textButton } from "./dom.js";
import { request } from "./http.js";
import { mailForm } from "./post.js";
import { announce } from "./status.js";
import { say } from "./words.js";

export function placeFor({ record, session, email }) {
  const { shopper, conversation } = session.answer;
  const node = h("div");
  const put = (email) => request("/v1/shopper/place", { token: session.token, body: { email } });

  const offer = () => node.replaceChildren(textButton(say("hold"), ask));

  // Where the shop vouches for an address, no other is written to.
  function ask() {
    node.replaceChildren(mailForm(email(), say("hold"), ({ email }) => put(email).then(kept)));
    const input = node.querySelector("input");
    input.readOnly = shopper.verified;
    input.focus();
  }

  // Whoever came by a link is not told the address.
  function kept({ email }) {
    const text = say("held", { email });
    node.hidden = !email;
    const undo = textButton(say("recall"), () => put("").then(offer, () => announce(say("failed"))));
    node.replaceChildren(h("p", { class: "quiet" }, text), undo);
    return text;
  }

  if (conversation?.id === record.id && conversation.place_kept) kept({ email: conversation.place_email });
  else if (shopper.email || !shopper.verified) offer();
  byId("hold").replaceChildren(node);
}
