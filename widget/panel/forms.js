// Labelled fields with their error beside them. A wrong field is marked, explained, announced and focused.

import { h, onTouch } from "./dom.js";
import { announce } from "./status.js";
import { say } from "./words.js";

const isAddress = (text) => /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text);

function control({ name, type, options = [], value = "", required }, id) {
  const common = { id, name, "aria-required": required && "true", "aria-describedby": `${id}-error` };
  if (type === "select") {
    const choices = options.map(([key, label]) => h("option", { value: key, selected: key === value }, label));
    return h("select", common, ...choices);
  }
  if (type === "textarea") {
    const area = h("textarea", { ...common, rows: 3, dir: "auto" });
    area.value = value;
    return area;
  }
  const autocomplete = name === "email" || name === "name" ? name : "off";
  return h("input", { ...common, type, value, autocomplete, dir: "auto" });
}

export function field(given) {
  const id = `f-${given.name}`;
  const label = h("label", { for: id }, given.label, given.required && h("span", { "aria-hidden": "true" }, " *"));
  return h(
    "div",
    { class: "field" },
    label,
    control(given, id),
    h("p", { class: "error", id: `${id}-error`, hidden: true }),
  );
}

function mark(input, message) {
  const error = input.parentElement.querySelector(".error");
  error.textContent = message;
  error.hidden = !message;
  input.ariaInvalid = message ? "true" : null;
}

export function markAll(form, messageFor) {
  const inputs = [...form.elements].filter(({ name }) => name);
  for (const input of inputs) mark(input, messageFor(input));
  const first = inputs.find(({ ariaInvalid }) => ariaInvalid);
  if (!first) return true;
  first.focus();
  announce(`${first.labels[0].textContent}: ${messageFor(first)}`);
  return false;
}

function fault(input) {
  const text = input.value.trim();
  if (!text) return input.ariaRequired ? say("required") : "";
  return input.type === "email" && !isAddress(text) ? say("bad") : "";
}

export function form(fields, submitLabel, submit) {
  const node = h("form", { class: "form", novalidate: true }, ...fields.map(field));
  const button = h("button", { class: "primary" }, submitLabel);
  node.append(button);
  node.addEventListener("input", ({ target }) => target.ariaInvalid && mark(target, fault(target)));
  node.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button.disabled || !markAll(node, fault)) return;
    button.disabled = true;
    try {
      await submit(Object.fromEntries([...new FormData(node)].map(([key, text]) => [key, text.trim()])), node);
    } finally {
      button.disabled = false;
    }
  });
  return node;
}

export function focusFirst(node) {
  if (!onTouch())
    [...node.querySelectorAll("input,select,textarea,button")].find(({ offsetParent }) => offsetParent)?.focus();
}
