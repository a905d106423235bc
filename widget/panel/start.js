// Before the first message: the fields the shop asks for, the team, and the message itself.

import { byId, h } from "./dom.js";
import { form } from "./forms.js";
import { say } from "./words.js";

function asked({ site, shopper }) {
  const known = ({ name }) => shopper?.verified && (name === "name" || name === "email") && shopper[name];
  return site.intake.filter((one) => !known(one)).map((one) => ({ value: shopper?.[one.name] ?? "", ...one }));
}

export function needsStart(answer) {
  return asked(answer).length > 0 || answer.site.teams.length > 1;
}

function choices(one) {
  return one.type === "select"
    ? { ...one, options: [["", "–"], ...(one.options ?? []).map((text) => [text, text])] }
    : one;
}

export function startForm(answer, draft, begin) {
  const { teams } = answer.site;
  const fields = asked(answer).map((one) => choices({ ...one, name: `i.${one.name}` }));
  if (teams.length > 1) {
    const options = [["", say("any")], ...teams.map(({ id, name }) => [id, name])];
    fields.push({ name: "team", label: say("topic"), type: "select", options });
  }
  fields.push({ name: "body", label: say("message"), type: "textarea", required: true, value: draft });
  const node = form(fields, say("start"), (values) => {
    const frame = { type: "send", body: values.body };
    const intake = Object.entries(values).filter(([key, text]) => key.startsWith("i.") && text);
    if (intake.length > 0) frame.intake = Object.fromEntries(intake.map(([key, text]) => [key.slice(2), text]));
    if (values.team) frame.team = values.team;
    begin(frame);
  });
  return h("div", { class: "sheet" }, h("h2", {}, byId("hello").textContent), node);
}
