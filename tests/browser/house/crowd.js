// Shoppers without windows: programs at the shoppers' door, run in one page of the chat's own origin.

export class Crowd {
  static async open(here) {
    const crowd = new Crowd();
    crowd.page = await (await here.context(here.shops)).newPage();
    await crowd.page.goto(`${here.demo.origin}/livez`);
    crowd.site = here.demo.known.site_key;
    return crowd;
  }

  /** One more, who writes; gives the conversation. `at` is the page of the shop where they are. */
  async come(body, name, at) {
    return (await this.bring({ body, at, ...(name && { answers: { name } }) })).conversation;
  }

  /**
   * One more, with all that their browser may tell: `answers` to the questions before the chat, `reports` of their cart, fields
   * and pages, a shop's `identity`, names of `files`. Gives the conversation and who they are.
   */
  bring(how) {
    return this.page.evaluate(begin, { site: this.site, ...how });
  }

  say(conversation, body) {
    return this.send(conversation, { type: "send", body, files: [] });
  }

  /** Says it without waiting for an answer, and gives when. */
  sayAt(conversation, body) {
    const speak = ([id, text]) => {
      const at = Date.now();
      globalThis.crowd.get(id).ask({ type: "send", body: text, files: [] });
      return at;
    };
    return this.page.evaluate(speak, [conversation, body]);
  }

  /** A frame that is acknowledged. */
  send(conversation, frame) {
    return this.page.evaluate(([id, one]) => globalThis.crowd.get(id).ask(one), [conversation, frame]);
  }

  /** A frame that nobody answers. */
  tell(conversation, frame) {
    return this.page.evaluate(([id, one]) => globalThis.crowd.get(id).tell(one), [conversation, frame]);
  }
}

/** Runs in the page. */
async function begin({ site, body, at, identity = null, answers, reports = [], files = [] }) {
  globalThis.crowd ??= new Map();
  const page = at ?? { url: location.href, title: "", referrer: "" };
  const headers = { "content-type": "application/json" };
  const asked = { site, token: null, identity, locale: "en", page };
  const given = await fetch("/v1/shopper/session", { method: "POST", headers, body: JSON.stringify(asked) });
  if (!given.ok) throw new Error(`no session: ${given.status} ${await given.text()}`);
  const { ticket, token, shopper } = await given.json();
  const upload = async (name) => {
    const form = new FormData();
    form.append("file", new File(["some text"], name, { type: "text/plain" }));
    const authorization = `Bearer ${token}`;
    const kept = await fetch("/v1/shopper/files", { method: "POST", headers: { authorization }, body: form });
    if (!kept.ok) throw new Error(`no file: ${kept.status} ${await kept.text()}`);
    return kept.json();
  };
  const kept = await Promise.all(files.map(upload));
  const socket = new WebSocket(`${location.origin.replace("http", "ws")}/v1/shopper/socket`, "deskbell.v1");
  const waiting = new Map();
  socket.onmessage = ({ data }) => {
    const frame = JSON.parse(data);
    const { resolve, reject } = waiting.get(frame.type === "welcome" ? "welcome" : frame.cid) ?? {};
    if (frame.type === "welcome" || frame.type === "ack") resolve?.(frame.conversation);
    else if (frame.type === "nack") reject?.(new Error(data));
  };
  const until = (key) => new Promise((resolve, reject) => waiting.set(key, { resolve, reject }));
  await new Promise((resolve) => {
    socket.onopen = resolve;
  });
  const tell = (frame) => socket.send(JSON.stringify(frame));
  const welcome = until("welcome");
  tell({ type: "hello", ticket, resume: [] });
  await welcome;
  const ask = (frame) => {
    const hex = Date.now().toString(16).padStart(12, "0");
    const cid = `${hex.slice(0, 8)}-${hex.slice(8)}-7${crypto.randomUUID().slice(15)}`;
    const acknowledged = until(cid);
    tell({ ...frame, cid });
    return acknowledged;
  };
  for (const report of reports) tell({ type: "context", ...report });
  const first = { type: "send", body, files: kept.map(({ id }) => id), ...(answers && { intake: answers }) };
  const conversation = await ask(first);
  globalThis.crowd.set(conversation, { ask, tell });
  return { conversation, shopper: shopper.id, token, files: kept.map(({ name }) => name) };
}
