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
  come(body, name, at) {
    return this.page.evaluate(begin, { site: this.site, body, name, at });
  }

  say(conversation, body) {
    return this.page.evaluate(([id, text]) => globalThis.crowd.get(id)(text), [conversation, body]);
  }
}

/** Runs in the page. */
async function begin({ site, body, name, at }) {
  globalThis.crowd ??= new Map();
  const page = at ?? { url: location.href, title: "", referrer: "" };
  const headers = { "content-type": "application/json" };
  const asked = { site, token: null, identity: null, locale: "en", page };
  const given = await fetch("/v1/shopper/session", { method: "POST", headers, body: JSON.stringify(asked) });
  if (!given.ok) throw new Error(`no session: ${given.status} ${await given.text()}`);
  const { ticket } = await given.json();
  const socket = new WebSocket(`${location.origin.replace("http", "ws")}/v1/shopper/socket`, "deskbell.v1");
  const waiting = new Map();
  socket.onmessage = ({ data }) => {
    const frame = JSON.parse(data);
    const { resolve, reject } = waiting.get(frame.type === "welcome" ? "welcome" : frame.cid) ?? {};
    if (frame.type === "welcome" || frame.type === "ack") resolve(frame.conversation);
    else if (frame.type === "nack") reject(new Error(data));
  };
  const until = (key) => new Promise((resolve, reject) => waiting.set(key, { resolve, reject }));
  await new Promise((resolve) => {
    socket.onopen = resolve;
  });
  const welcome = until("welcome");
  socket.send(JSON.stringify({ type: "hello", ticket, resume: [] }));
  await welcome;
  const say = (text) => {
    const hex = Date.now().toString(16).padStart(12, "0");
    const cid = `${hex.slice(0, 8)}-${hex.slice(8)}-7${crypto.randomUUID().slice(15)}`;
    const acknowledged = until(cid);
    socket.send(JSON.stringify({ type: "send", cid, body: text, files: [], ...(name && { intake: { name } }) }));
    return acknowledged;
  };
  const conversation = await say(body);
  globalThis.crowd.set(conversation, say);
  return conversation;
}
