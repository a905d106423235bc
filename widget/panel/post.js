// One address and one button: where to write to, and what became of it. What was typed stays until it went.

import { h } from "./dom.js";
import { form } from "./forms.js";
import { announce } from "./status.js";
import { say } from "./words.js";

export function mailForm(value, label, send) {
  const fields = [{ name: "email", label: say("email"), type: "email", required: true, value }];
  const note = h("p", { class: "quiet" });
  const node = form(fields, label, async (values) => {
    const done = await send(values).catch(() => "");
    note.textContent = done || say("failed");
    announce(note.textContent);
    node.hidden = Boolean(done);
  });
  return h("div", {}, node, note);
}
