// The shop's other tabs of this browser. The channel is closed while the page sleeps in the back/forward cache.

import { guard, listen } from "./life.js";
import { prefix } from "./store.js";

let channel;

export const cast = (message) => channel?.postMessage(message);

export function closeTabs() {
  channel?.close();
  channel = null;
}

export function openTabs(hear) {
  const join = guard(() => {
    closeTabs();
    channel = new BroadcastChannel(prefix);
    channel.onmessage = guard(hear);
  });
  listen(window, "pagehide", closeTabs);
  listen(window, "pageshow", join);
  join();
}
