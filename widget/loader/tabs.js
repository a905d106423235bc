// The shop's other tabs of this browser. The channel is closed while the page sleeps in the back/forward cache.

import { config, guard, listen } from "./life.js";

let channel;

export const cast = (message) => channel?.postMessage(message);

export function closeTabs() {
  channel?.close();
  channel = null;
}

export function openTabs(hear) {
  const join = () => {
    closeTabs();
    channel = new BroadcastChannel(`deskbell.${config.site}`);
    channel.onmessage = guard(({ data }) => hear(data));
  };
  listen(window, "pagehide", closeTabs);
  listen(window, "pageshow", join);
  guard(join)();
}
