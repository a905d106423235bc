// What the shop's page shows of Deskbell: a launcher and a dialog with the frame, in a shadow root of their own.

import { config, life, listen } from "./life.js";
import { sheet } from "./look.js";

const page = document.documentElement;
export const words = ["Chat", "Chat is offline.", "Try again", "Close"];
export const small = matchMedia("(max-width:640px)");

function make(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const name of Object.keys(attributes)) node.setAttribute(name, attributes[name]);
  node.append(...children);
  return node;
}

const host = make("deskbell-chat", { popover: "manual" });
const badge = make("i", {});
export const launcher = make("button", { class: "l", "aria-haspopup": "dialog", "aria-expanded": false }, badge);
const dialog = make("dialog", { "aria-label": words[0] });

export function paint(theme) {
  for (const name in theme) if (CSS.supports("color", theme[name])) host.style.setProperty(name, theme[name]);
  dialog.style.colorScheme = theme.scheme === "auto" ? "light dark" : theme.scheme;
}

export function count(unread, name) {
  badge.textContent = unread > 9 ? "9+" : unread || "";
  launcher.setAttribute("aria-label", name);
}

export const show = (...content) => dialog.replaceChildren(...content);

export function frameFor(src, loaded) {
  const frame = make("iframe", { title: words[0], allow: "autoplay", referrerpolicy: "origin" });
  listen(frame, "load", loaded);
  frame.src = src;
  show(frame);
  return frame;
}

export function failure(retry, dismiss) {
  const again = make("button", {}, words[2]);
  const close = make("button", {}, words[3]);
  listen(again, "click", retry);
  listen(close, "click", dismiss);
  const { email } = config;
  show(
    make("p", { role: "alert" }, words[1], again, email ? make("a", { href: `mailto:${email}` }, email) : "", close),
  );
}

// iOS shrinks only the visual viewport when the keyboard comes, and the frame cannot see it.
function fit() {
  const view = dialog.matches(":modal") && visualViewport;
  dialog.style.height = view ? `${view.height}px` : "";
  dialog.style.translate = view ? `0 ${view.offsetTop}px` : "";
}

let overflow;
function lock(on) {
  const { style } = page;
  if (on) overflow ??= style.overflow;
  if (overflow != null) style.overflow = on ? "hidden" : overflow;
  if (!on) overflow = null;
}

// show() would take the focus from the shopper when an open chat is only restored; the attribute does not.
export function reveal(on) {
  const modal = on && small.matches;
  dialog.close();
  if (modal) dialog.showModal();
  else dialog.toggleAttribute("open", on);
  lock(modal);
  launcher.setAttribute("aria-expanded", on);
  fit();
}

export function settleIn(isOpen, dismiss) {
  const root = host.attachShadow({ mode: "open" });
  const style = new CSSStyleSheet();
  style.replaceSync(sheet);
  root.adoptedStyleSheets = [style];
  root.append(dialog, launcher);
  const watch = new MutationObserver(stay);
  function stay() {
    if (!host.isConnected) {
      document.body.append(host);
      // In the top layer no transformed ancestor displaces it and no bar covers it, unless the shop chose its place.
      if (config.z > 2e9) host.showPopover?.();
    }
    watch.observe(page, { childList: true });
    watch.observe(document.body, { childList: true });
  }
  stay();
  life.signal.onabort = () => {
    watch.disconnect();
    lock();
    host.remove();
  };
  listen(small, "change", () => isOpen() && reveal(true));
  listen(dialog, "cancel", (event) => {
    event.preventDefault();
    dismiss();
  });
  listen(root, "keydown", ({ key }) => key === "Escape" && isOpen() && dismiss());
  listen(visualViewport, "resize", fit);
  listen(visualViewport, "scroll", fit);
}
