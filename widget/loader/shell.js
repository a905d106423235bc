// What the shop's page shows of Deskbell: a launcher and a dialog with the frame, in a shadow root of their own.

import { config, guard, life, listen } from "./life.js";
import { sheet } from "./look.js";

export const page = document.documentElement;
export const name = config.label ?? "Chat";
export const small = matchMedia("(max-width:640px)");

export function make(tag, properties, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

const host = make("deskbell-chat", { popover: "manual" });
export const badge = make("i");
export const launcher = make("button", { className: "l", ariaHasPopup: "dialog", ariaExpanded: false }, badge);
const dialog = make("dialog", { ariaLabel: name });

export function paint(theme) {
  for (const key of ["--c-primary", "--c-on-primary"]) {
    if (CSS.supports("color", theme[key])) host.style.setProperty(key, theme[key]);
  }
  host.style.setProperty("--s", theme.scheme.replace("auto", "light dark"));
}

export const show = (...content) => dialog.replaceChildren(...content);

export function failure(retry, dismiss) {
  const { email } = config;
  const again = make("button", { onclick: guard(retry) }, "Try again");
  const write = email ? make("a", { href: `mailto:${email}` }, email) : "";
  show(make("p", { role: "alert" }, "Chat is offline.", again, write, make("button", { onclick: dismiss }, "Close")));
}

// iOS shrinks only the visual viewport when the keyboard comes, and the frame cannot see it.
function fit() {
  const view = dialog.matches(":modal") && visualViewport;
  dialog.style = view ? `height:${view.height}px;translate:0 ${view.offsetTop}px` : "";
}

let other = "hidden";
let isLocked = false;
function lock(on) {
  const { style } = page;
  if (on !== isLocked) [other, style.overflow, isLocked] = [style.overflow, other, on];
}

// show() would take the focus from the shopper when an open chat is only restored; the attribute does not.
export function reveal(on) {
  const modal = on && small.matches;
  dialog.close();
  if (modal) dialog.showModal();
  else dialog.open = on;
  lock(modal);
  launcher.ariaExpanded = on;
  fit();
}

export function settleIn(dismiss) {
  const root = host.attachShadow({ mode: "open" });
  const style = new CSSStyleSheet();
  style.replaceSync(sheet);
  root.adoptedStyleSheets = [style];
  root.append(dialog, launcher);
  const stay = guard(() => {
    if (!host.isConnected) {
      document.body.append(host);
      // In the top layer no transformed ancestor displaces it and no bar covers it, unless the shop set a z-index.
      if (!config.z) host.showPopover?.();
    }
    for (const node of [page, document.body]) watch.observe(node, { childList: true });
  });
  const watch = new MutationObserver(stay);
  stay();
  life.signal.onabort = () => {
    watch.disconnect();
    lock(false);
    host.remove();
  };
  listen(small, "change", () => dialog.open && reveal(true));
  listen(dialog, "cancel", dismiss);
  listen(root, "keydown", ({ key }) => key === "Escape" && dialog.open && dismiss());
  listen(visualViewport, "resize", fit);
  listen(visualViewport, "scroll", fit);
}
