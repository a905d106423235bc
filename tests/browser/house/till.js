// A shop's own system that answers the signed question about a customer's orders, as well or as badly as a test wants.

import { Buffer } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

export class Till {
  /** What it says; or, as a function, what it says to each question. */
  orders = [];
  status = 200;
  asked = 0;

  static async open(secret) {
    const till = Object.assign(new Till(), { secret });
    till.server = createServer((request, answer) => till.#take(request, answer));
    await new Promise((resolve) => till.server.listen(0, "127.0.0.1", resolve));
    till.origin = `http://127.0.0.1:${till.server.address().port}`;
    return till;
  }

  async #take(request, answer) {
    let body = "";
    for await (const piece of request) body += piece;
    const ours = createHmac("sha256", this.secret)
      .update(`${request.headers["deskbell-timestamp"]}.${body}`)
      .digest("hex");
    const theirs = String(request.headers["deskbell-signature"]);
    const isSigned =
      theirs.length === ours.length + 3 && timingSafeEqual(Buffer.from(theirs), Buffer.from(`v1=${ours}`));
    this.asked += 1;
    answer.writeHead(isSigned ? this.status : 401, { "content-type": "application/json" });
    answer.end(JSON.stringify({ orders: this.#found(JSON.parse(body)) }));
  }

  #found(question) {
    return typeof this.orders === "function" ? this.orders(question) : this.orders;
  }

  close() {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }
}
