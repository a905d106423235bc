// An invitation to chat: a small bubble beside the launcher, never the chat itself. Fetched when a site's rules may first hold,
// with the rules written into it as one condition and the moments at which time may have made it true. Once in twelve hours, in all
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

  const check = guard(() => {
    const { shadowRoot } = document.querySelector("deskbell-chat");
    const launcher = shadowRoot.querySelector(".l");
    const kept = (name) => localStorage[key + name];
    const isBusy =
      kept("live") ||
      kept("quiet") > Date.now() ||
      document.hidden ||
      launcher.hidden ||
      shadowRoot.querySelector("[open]");
    if (isBusy || !__HOLDS__(context.cart ?? {}, performance.now(), kept("token"))) return;
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

  for (const ms of waits) setTimeout(check, ms);
  api.on("context", check);
  api.on("open", () => box.remove());
};
