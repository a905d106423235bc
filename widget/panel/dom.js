// Elements made by hand: text is always text, and no markup is ever parsed.

export const byId = (id) => document.getElementById(id);

export function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child != null && child !== false));
  return node;
}

const shapes = {
  send: "M5 12h13M12 5l7 7-7 7",
  close: "m6 9 6 6 6-6",
  end: "M15 4h3a2 2 0 0 1 2 2v12a2 2 0 0 1-2 2h-3M10 17l-5-5 5-5M5 12h10",
  bell: "M6 9a6 6 0 0 1 12 0c0 6 2 7 2 7H4s2-1 2-7M10 20h4",
  mute: "M6 9a6 6 0 0 1 12 0c0 6 2 7 2 7H4s2-1 2-7M10 20h4M4 4l16 16",
};

export function icon(name, shape = shapes[name]) {
  const inSvg = (tag, attributes) => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const key in attributes) node.setAttribute(key, attributes[key]);
    return node;
  };
  const svg = inSvg("svg", { viewBox: "0 0 24 24", "aria-hidden": true, class: `icon ${name}` });
  svg.append(inSvg("path", { d: shape }));
  return svg;
}

export const iconButton = (name, label, onclick) =>
  h("button", { type: "button", class: "tool", "aria-label": label, title: label, onclick }, icon(name));

export const textButton = (label, onclick, look = "plain") =>
  h("button", { type: "button", class: look, onclick }, label);

export function initials(name) {
  const [first, ...rest] = (name ?? "").trim().split(/\s+/);
  return ([...first][0] ?? "") + ([...(rest.at(-1) ?? "")][0] ?? "");
}

// A picture only from our own origin: the frame's policy would refuse any other.
export function avatar(who) {
  const own = who?.avatar && new URL(who.avatar, location.href).origin === location.origin;
  const face = own ? h("img", { src: who.avatar, alt: "" }) : initials(who?.name).toUpperCase();
  return h("span", { class: "avatar", "aria-hidden": "true" }, face);
}

export const onTouch = () => matchMedia("(pointer:coarse)").matches;
