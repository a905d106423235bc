// An agent who answers every message at once and closes on "Goodbye": a program at the agents' door, run in a page of
// the chat's own origin.

export async function startBot(here, name) {
  const page = await (await here.context(here.desks)).newPage();
  await page.goto(`${here.demo.origin}/livez`);
  const { email, password } = here.demo.person(name);
  await page.evaluate(answerEverybody, { email, password });
}

/** Runs in the page. */
async function answerEverybody(who) {
  const headers = { "content-type": "application/json" };
  const given = await fetch("/v1/agent/session", { method: "POST", headers, body: JSON.stringify(who) });
  const { ticket } = await given.json();
  const gens = new Map();
  const heard = new Set();
  const socket = new WebSocket(`${location.origin.replace("http", "ws")}/v1/agent/socket`, "deskbell.v1");
  const say = (frame) => socket.send(JSON.stringify(frame));
  const cid = () => {
    const hex = Date.now().toString(16).padStart(12, "0");
    return `${hex.slice(0, 8)}-${hex.slice(8)}-7${crypto.randomUUID().slice(15)}`;
  };
  const hear = ({ id, kind, by, body, conversation }) => {
    if (kind !== "message" || by.role !== "shopper" || heard.has(id)) return;
    heard.add(id);
    if (body === "Goodbye") say({ type: "close", cid: cid(), conversation });
    else say({ type: "send", cid: cid(), conversation, gen: gens.get(conversation), body: `Answer to: ${body}` });
  };
  socket.onmessage = ({ data }) => {
    const frame = JSON.parse(data);
    if (frame.type === "assigned") gens.set(frame.conversation, frame.gen);
    else if (frame.type === "event") hear(frame);
    else if (frame.type === "replay")
      for (const event of frame.events) hear({ conversation: frame.conversation, ...event });
  };
  await new Promise((resolve, reject) => {
    socket.onerror = reject;
    socket.onopen = resolve;
  });
  say({ type: "hello", ticket, resume: [] });
  say({ type: "available", on: true });
}
