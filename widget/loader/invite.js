// An invitation to chat: a small bubble beside the launcher, never the chat itself. Fetched when a site's rules may first hold,
// with the rules written into it as one condition and the moments at which time may have made it true. Once in twelve hours, in all
// tabs; who closes it is left alone for a month. It takes no focus. Where nothing can be remembered, nobody is invited.

/* global __INVITE__, __HOLDS__ */
const { key, waits, text, close, dir, place } = __INVITE__;

export default (api, context, guard) => {
  const box = document.createElement("div");

  const quiet = (hours) => {
    localStorage[`${key}quiet`] = Date.now() + hours * 36e5;
  };
  const leave = () => box.remove();
  const refuse = () => {
    quiet(720);
    leave();
  };

  function button(label, does) {
    const node = document.createElement("button");
    node.textContent = label;
    node.onclick = guard(does);
    box.append(node);
    return node;
  }

  const check = guard(() => {
    const { shadowRoot } = document.querySelector("deskbell-chat");
    const launcher = shadowRoot.querySelector(".l");
    const { [`${key}live`]: live, [`${key}quiet`]: until, [`${key}token`]: token } = localStorage;
    const isBusy =
      live || until > Date.now() || document.hidden || launcher.hidden || shadowRoot.querySelector("[open]");
    if (isBusy || !__HOLDS__(context.cart ?? {}, performance.now(), token)) return;
    quiet(12);
    Object.assign(box, {
      role: "status",
      dir,
      style: place,
      onkeydown: ({ key: pressed }) => pressed === "Escape" && refuse(),
    });
    launcher.before(box);
    button(text, () => {
      api.track("invitation", text);
      api.open();
    });
    // As large as a finger.
    Object.assign(button("\u00d7", refuse), { ariaLabel: close, style: "padding:12px 16px;margin:-12px" });
  });

  for (const ms of waits) setTimeout(check, ms);
  api.on("context", check);
  api.on("open", leave);
};
