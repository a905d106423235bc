// The line to the shop's page. Only the parent window, only from a registered origin, only once; then the port.

import { signals } from "./signals.js";

const { site, shops } = document.documentElement.dataset;

export { site };

const origins = shops.split(" ");

// Whether an address is in the shop, or here.
export const isOurs = (address) => URL.canParse(address) && origins.includes(new URL(address).origin);

export function hostOf(port) {
  const host = {
    ...signals(),
    tell: (t, rest) => port.postMessage({ t, ...rest }),
    keep: (k, v) => host.tell("kv", { k, v }),
    // To the other tabs' panels; their hosts pass it on as it is.
    cast: (what) => host.tell("cast", { m: { t: "tab", ...what } }),
    event: (name, detail) => host.tell("evt", { name, detail }),
  };
  port.onmessage = ({ data }) => host.emit(data.t, data);
  return host;
}

export function awaitHost(begin) {
  const hear = (event) => {
    const { source, origin, data, ports } = event;
    if (source !== parent || !origins.includes(origin) || data?.deskbell !== 1 || !ports[0]) return;
    removeEventListener("message", hear);
    begin(hostOf(ports[0]), data);
  };
  addEventListener("message", hear);
}
