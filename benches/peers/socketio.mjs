// A durable one-to-one chat on Socket.IO and `pg`: insert, then acknowledge the sender and deliver to the other side.
import { createServer } from "node:http";
import { Server } from "socket.io";
import { announce, openStore } from "./store.mjs";

const store = await openStore();
const server = createServer();
const io = new Server(server, {
  transports: ["websocket"],
  serveClient: false,
  perMessageDeflate: false,
  maxHttpBufferSize: 64 * 1024,
});

// The first request is not needed again: letting go of it is the library's own advice on memory.
io.engine.on("connection", (raw) => {
  raw.request = null;
});

async function post(socket, { cid, conversation, body } = {}, acknowledge) {
  const role = socket.data.roles.get(conversation);
  if (!role || typeof body !== "string" || body.length > 8000) {
    acknowledge({ code: "bad_request" });
    return;
  }
  try {
    const { id, at } = await store.append(conversation, cid, role, body);
    acknowledge({ cid, conversation, id, at });
    socket.to(conversation).emit("event", { conversation, id, kind: "message", by: { role }, at, cid, body });
  } catch (cause) {
    console.error(cause.message);
    acknowledge({ code: "unavailable" });
  }
}

io.on("connection", (socket) => {
  socket.data.roles = new Map();
  socket.on("join", ({ conversation, role }, acknowledge) => {
    socket.data.roles.set(conversation, role);
    socket.join(conversation);
    acknowledge({ conversation });
  });
  socket.on("send", (frame, acknowledge) => post(socket, frame, acknowledge));
});

announce(server, () => store.close());
