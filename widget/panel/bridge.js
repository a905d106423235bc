// The line to the shop's page. Only the parent window, only from a registered origin, only once; then the port.

import { byId } from "./dom.js";
import { Signals } from "./signals.js";

const { site, shops } = document.documentElement.dataset;

export { site };

const origins = shops.split(" ");

// Whether an address is in the shop, or here.
export const isOurs = (address) => URL.canParse(address) && origins.includes(new URL(address).origin);

export class Host extends Signals {
  #port;

  constructor(port) {
    super();
    this.#port = port;
    port.onmessage = ({ data }) => this.emit(data.t, data);
  }

  tell(t, rest) {
    this.#port.postMessage({ t, ...rest });
  }

  keep(k, v) {
    this.tell("kv", { k, v });
  }

  // To the other tabs' panels; their hosts pass it on as it is.
  cast(what) {
    this.tell("cast", { m: { t: "tab", ...what } });
  }

  event(name, detail) {
    this.tell("evt", { name, detail });
  }

  ready() {
    byId("panel").hidden = false;
    this.tell("ready");
  }
}

export function awaitHost(begin) {
  const hear = (event) => {
    const { source, origin, data, ports } = event;
    if (source !== parent || !origins.includes(origin) || data?.deskbell !== 1 || !ports[0]) return;
    removeEventListener("message", hear);
    begin(new Host(ports[0]), data);
  };
  addEventListener("message", hear);
}
