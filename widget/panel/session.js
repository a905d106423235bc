// Who this shopper is to the server: the token, a proven identity, and the last answer about the site.

import { site } from "./bridge.js";
import { request } from "./http.js";

export function sessionOf(host, { kept, identity }) {
  const session = { page: null, answer: null, token: kept.token, identity };

  session.open = async () => {
    const { token, identity, page } = session;
    try {
      const locale = document.documentElement.lang;
      const body = { site, token, identity, locale, page };
      session.answer = await request("/v1/shopper/session", { body, signal: AbortSignal.timeout(15_000) });
    } catch (error) {
      if (doubt(error, identity, token)) return session.open();
      throw error;
    }
    keep(session.answer.token);
    return session.answer;
  };

  // A bad identity leaves the shopper anonymous; a forgotten token makes a new session. Each is tried once.
  function doubt(error, identity, token) {
    if (![400, 401, 422].includes(error.status)) return false;
    if (identity) {
      session.identity = null;
      host.event("error", { code: "identity" });
      return true;
    }
    if (error.status !== 401 || !token) return false;
    keep(null);
    return true;
  }

  function keep(token) {
    if (token === session.token) return;
    session.token = token;
    host.keep("token", token);
  }

  return session;
}
