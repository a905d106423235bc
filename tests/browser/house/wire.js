// A way to the server that can go deaf: an HTTP proxy whose open tunnels, which are the WebSockets, swallow every byte
// in both directions without closing, as a network does that died without a word. What is opened afterwards works.

import { createServer, request } from "node:http";
import { connect } from "node:net";

export class Wire {
  #server;
  #tunnels = new Set();

  /** How many WebSockets have been asked for. */
  opened = 0;

  /** The body of each upload that came through whole, as it left the browser. */
  uploads = [];

  /** How long each piece of an upload takes. */
  pieceMs = 0;

  /** Uploads break off after their first piece. */
  cutsUploads = false;

  static async open() {
    const wire = new Wire();
    wire.#server = createServer((asked, answer) => wire.#pass(asked, answer));
    wire.#server.on("connect", ({ url }, client, head) => wire.#tunnel(url, client, head));
    await new Promise((resolve) => wire.#server.listen(0, "127.0.0.1", resolve));
    wire.proxy = { server: `http://127.0.0.1:${wire.#server.address().port}` };
    return wire;
  }

  #pass(asked, answer) {
    const { method, headers } = asked;
    const onward = request(asked.url, { method, headers }, (given) => {
      answer.writeHead(given.statusCode, given.rawHeaders);
      given.pipe(answer);
    });
    onward.on("error", () => answer.destroy());
    if (method === "POST" && asked.url.endsWith("/files")) this.#carry(asked, onward).catch(() => onward.destroy());
    else asked.pipe(onward);
  }

  async #carry(asked, onward) {
    const pieces = [];
    for await (const bytes of asked) {
      if (this.cutsUploads) throw new Error("cut");
      pieces.push(bytes);
      onward.write(bytes);
      await new Promise((resolve) => setTimeout(resolve, this.pieceMs));
    }
    this.uploads.push(Buffer.concat(pieces));
    onward.end();
  }

  #tunnel(url, client, head) {
    const { hostname, port } = new URL(`http://${url}`);
    const server = connect(port, hostname, () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      server.write(head);
    });
    const tunnel = { isDeaf: false, ends: [client, server] };
    this.#tunnels.add(tunnel);
    this.opened += 1;
    for (const [from, to] of [tunnel.ends, [server, client]]) {
      from.on("data", (bytes) => tunnel.isDeaf || to.write(bytes));
      from.on("error", () => from.destroy());
      from.on("close", () => tunnel.isDeaf || to.destroy());
    }
  }

  goDeaf() {
    for (const tunnel of this.#tunnels) tunnel.isDeaf = true;
  }

  close() {
    for (const { ends } of this.#tunnels) for (const end of ends) end.destroy();
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(resolve));
  }
}
