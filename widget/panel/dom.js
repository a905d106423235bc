// Elements made by hand: text is always text, and no markup is ever parsed.

export const byId = (id) => document.getElementById(id);

export function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node[name] = value;
    else if (value !== false && value != null) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter(Boolean));
  return node;
}

export const textButton = (label, onclick, look = "plain") =>
  h("button", { type: "button", class: look, onclick }, label);

// Draws what is not there already: a screen reader, a selection or the focus must not lose its place.
export function redraw(node, look, parts) {
  if (node.look === look) return;
  node.look = look;
  node.replaceChildren(...parts());
}

// Of the first word and the last.
function initials(name = "") {
  const letters = name.match(/(?<!\S)\S/gu) ?? [];
  return letters
    .filter((_, at) => at === 0 || at === letters.length - 1)
    .join("")
    .toUpperCase();
}

export const avatar = (who) => h("span", { class: "avatar", "aria-hidden": "true" }, initials(who?.name));

export const onTouch = () => matchMedia("(pointer:coarse)").matches;
