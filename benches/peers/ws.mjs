// A durable one-to-one chat on `ws` and `pg`: insert, then acknowledge the sender and deliver to the other side.
import { createServer } from "node:http";
import { WebSocketServer } from "ws";
import { announce, openStore } from "./store.mjs";

const OTHER = { shopper: "agent", agent: "shopper" };

const store = await openStore();
const server = createServer();
const sockets = new WebSocketServer({ server, perMessageDeflate: false, clientTracking: false, maxPayload: 64 * 1024 });

/** conversation → { shopper, agent }: the sockets of its two sides. */
const conversations = new Map();

function join(socket, { conversation, role }) {
  const sides = conversations.get(conversation) ?? {};
  sides[role] = socket;
  conversations.set(conversation, sides);
  socket.joined.set(conversation, role);
  socket.send(JSON.stringify({ type: "joined", conversation }));
}

function leave(socket) {
  for (const [conversation, role] of socket.joined) {
    const sides = conversations.get(conversation);
    if (sides?.[role] !== socket) continue;
    delete sides[role];
    if (!sides.shopper && !sides.agent) conversations.delete(conversation);
  }
}

async function post(socket, { cid, conversation, body }) {
  const role = socket.joined.get(conversation);
  if (!role || typeof body !== "string" || body.length > 8000) {
    socket.send(JSON.stringify({ type: "nack", cid, code: "bad_request" }));
    return;
  }
  try {
    const { id, at } = await store.append(conversation, cid, role, body);
    socket.send(JSON.stringify({ type: "ack", cid, conversation, id, at }));
    const other = conversations.get(conversation)?.[OTHER[role]];
    other?.send(JSON.stringify({ type: "event", conversation, id, kind: "message", by: { role }, at, cid, body }));
  } catch (cause) {
    console.error(cause.message);
    socket.send(JSON.stringify({ type: "nack", cid, code: "unavailable" }));
  }
}

function parse(data) {
  try {
    return JSON.parse(data);
  } catch {
    return null;
  }
}

sockets.on("connection", (socket) => {
  socket.joined = new Map();
  socket.on("message", (data) => {
    const frame = parse(data);
    if (frame?.type === "send") post(socket, frame);
    else if (frame?.type === "join") join(socket, frame);
    else socket.send(JSON.stringify({ type: "nack", cid: frame?.cid, code: "bad_request" }));
  });
  socket.on("close", () => leave(socket));
  socket.on("error", () => socket.terminate());
});

announce(server, () => store.close());
