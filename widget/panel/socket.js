// Carries frames over a WebSocket. Promises frame(object) for each frame in order, then closed(code, opened) once.

import { at } from "./http.js";

export function overSocket({ ticket, resume }, { frame, closed }) {
  const address = at("/v1/shopper/socket");
  address.protocol = address.protocol.replace("http", "ws");
  const socket = new WebSocket(address, "deskbell.v1");
  let opened = false;
  let over = false;
  const finish = (code) => {
    if (over) return;
    over = true;
    closed(code, opened);
  };
  socket.onopen = () => {
    opened = true;
    socket.send(JSON.stringify({ type: "hello", ticket, resume }));
  };
  socket.onmessage = ({ data }) => over || frame(JSON.parse(data));
  socket.onclose = ({ code }) => finish(code);
  return {
    send: (out) => socket.readyState === WebSocket.OPEN && socket.send(JSON.stringify(out)),
    // A dead network may hold the closing handshake for minutes; nobody waits for it here.
    drop() {
      over = true;
      socket.close(1000);
    },
  };
}
