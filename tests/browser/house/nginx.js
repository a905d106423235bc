// The shop's nginx with the block that widget/README.md gives: the shop behind it, and the chat below /_chat/.

import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./demo.js";
import { until } from "./until.js";

const program = ["/usr/sbin/nginx", "/usr/bin/nginx", "/opt/homebrew/bin/nginx"].find((path) => existsSync(path));

function example({ listen, chat, shop }) {
  const readme = readFileSync(new URL("../../../widget/README.md", import.meta.url), "utf8");
  const [, block] = /```nginx\n([\s\S]*?)```/.exec(readme);
  return block
    .replace("server 10.0.0.11:8080;", `server ${chat};`)
    .replace("http://10.0.0.20:3000", `http://${shop}`)
    .replace("listen 443 ssl;", `listen ${listen};`)
    .replace(/ *ssl_.*\n/g, "");
}

export class Nginx {
  #process;
  #home;

  /** `chat` and `shop` are host and port. */
  static async before(chat, shop) {
    if (!program) throw new Error("no nginx here: run bin/setup test");
    const nginx = new Nginx();
    nginx.#home = mkdtempSync(join(tmpdir(), "deskbell-nginx-"));
    const port = await freePort();
    // A shop has a name; the browser finds this one here.
    nginx.origin = `http://localhost:${port}`;
    const temp = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
      (kind) => `${kind}_temp_path ${join(nginx.#home, kind)};`,
    );
    const file = join(nginx.#home, "nginx.conf");
    writeFileSync(
      file,
      `daemon off; master_process off; pid ${join(nginx.#home, "pid")}; error_log stderr; events {}
http { access_log off; ${temp.join(" ")} ${example({ listen: `127.0.0.1:${port}`, chat, shop })} }`,
    );
    nginx.#process = spawn(program, ["-c", file, "-p", nginx.#home], { stdio: "ignore" });
    await until("nginx answers", async () => (await fetch(nginx.origin).catch(() => null))?.ok);
    return nginx;
  }

  async stop() {
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    if (this.#process.exitCode === null && this.#process.kill()) await ended;
    rmSync(this.#home, { recursive: true, force: true });
  }
}
