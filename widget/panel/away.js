// Nobody can answer now: say when the shop is back, in the shopper's own time, and take a message as a ticket.

import { byId, h, textButton } from "./dom.js";
import { form, markAll } from "./forms.js";
import { request } from "./http.js";
import { newCid } from "./signals.js";
import { announce } from "./status.js";
import { region, say } from "./words.js";

const opening = new Intl.DateTimeFormat(region, { weekday: "long", hour: "numeric", minute: "2-digit" });

export function thanks(number, again) {
  const text = say("ticketed", { n: String(number) });
  const button = again && textButton(say("again"), again);
  return h("div", { class: "sheet center" }, h("h2", { class: "thanks" }, say("thanks")), h("p", {}, text), button);
}

export function awayForm({ session, composer, tray }, done, back) {
  const { shopper, site } = session.answer;
  const cid = newCid();
  const fields = [
    { name: "name", label: say("name"), value: shopper?.name ?? "" },
    { name: "email", label: say("email"), type: "email", required: true, value: shopper?.email ?? "" },
    { name: "body", label: say("message"), type: "textarea", required: true, value: composer.draft },
  ];
  const submit = async (values, node) => {
    if (!tray.isReady()) return;
    const files = tray.done()?.map(({ id }) => id);
    try {
      const body = { cid, ...values, files };
      const { number } = await request("/v1/shopper/tickets", { token: session.token, body });
      tray.empty();
      announce(say("ticketed", { n: String(number) }));
      done(number);
    } catch (error) {
      const messages = error.fields ?? {};
      if (markAll(node, ({ name }) => messages[name] ?? "")) announce(say("error"));
      problem.hidden = false;
    }
  };
  const node = form(fields, say("send"), submit);
  const problem = h("p", { class: "error", hidden: true }, say("error"));
  node.lastElementChild.before(byId("pack"), problem);
  const { opens_at: at } = site;
  const hours = at && !site.open && h("p", { class: "hours" }, say("opens", { when: opening.format(new Date(at)) }));
  const title = !site.open && h("h2", {}, say("away"));
  const way = back && textButton(say("chat"), back, "plain wide");
  return h("div", { class: "sheet" }, title, hours, h("p", {}, say("leave")), node, way);
}
