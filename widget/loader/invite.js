// An invitation to chat: a small bubble beside the launcher, never the chat itself. Fetched when a site's rules may first hold,
// with the rules written into it as one condition and the ages of a page at which time may have made it true; a page of a shop
// that is one document begins where its address does. Once in twelve hours, in all
// tabs; who closes it is left alone for a month. It takes no focus. Where nothing can be remembered, nobody is invited.

/* global __INVITE__, __HOLDS__ */
const { key, waits, text, close, place } = __INVITE__;

export default (api, context, guard) => {
  const make = (tag, properties) => Object.assign(document.createElement(tag), properties);
  const quiet = (ms) => {
    localStorage[`${key}quiet`] = Date.now() + ms;
  };
  const refuse = guard(() => {
    box.remove();
    quiet(2592e6);
  });
  const accept = () => {
    api.track("invitation", text);
    api.open();
  };
  const onkeydown = (event) => event.key === "Escape" && refuse();
  const box = make("div", { role: "status", style: place, onkeydown });

  let href;
  let began = 0;
  const check = guard(() => {
    if (href !== location.href) {
      began = href ? performance.now() : 0;
      href = location.href;
      for (const ms of waits) setTimeout(check, ms + began - performance.now());
    }
    const { shadowRoot } = document.querySelector("deskbell-chat");
    const launcher = shadowRoot.querySelector(".l");
    const kept = (name) => localStorage[key + name];
    const isBusy =
      kept("live") ||
      kept("quiet") > Date.now() ||
      document.hidden ||
      launcher.hidden ||
      shadowRoot.querySelector("[open]");
    if (isBusy || !__HOLDS__(context.cart ?? {}, performance.now() - began, kept("token"))) return;
    quiet(432e5);
    launcher.before(box);
    // The cross is as large as a finger.
    box.append(
      make("button", { textContent: text, onclick: accept }),
      make("button", {
        textContent: "\u00d7",
        onclick: refuse,
        ariaLabel: close,
        style: "padding:12px;margin:-12px",
      }),
    );
  });

  check();
  api.on("context", check);
  api.on("open", () => box.remove());
};
