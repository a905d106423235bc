// Who this shopper is to the server: the token, a proven identity, and the last answer about the site.

import { site } from "./bridge.js";
import { request } from "./http.js";

export class Session {
  #host;

  page = null;
  answer = null;

  constructor(host, { kept, identity }) {
    this.#host = host;
    this.token = kept.token;
    this.identity = identity;
  }

  async open() {
    const { token, identity } = this;
    try {
      const locale = document.documentElement.lang;
      const body = { site, token, identity, locale, page: this.page };
      this.answer = await request("/v1/shopper/session", { body, signal: AbortSignal.timeout(15_000) });
    } catch (error) {
      if (this.#doubt(error, identity, token)) return this.open();
      throw error;
    }
    this.keep(this.answer.token);
    return this.answer;
  }

  // A bad identity leaves the shopper anonymous; a forgotten token makes a new session. Each is tried once.
  #doubt(error, identity, token) {
    if (![400, 401, 422].includes(error.status)) return false;
    if (identity) {
      this.identity = null;
      this.#host.event("error", { code: "identity" });
      return true;
    }
    if (error.status === 401 && token) {
      this.keep(null);
      return true;
    }
    return false;
  }

  keep(token) {
    if (token === this.token) return;
    this.token = token;
    this.#host.keep("token", token);
  }
}
