// A `deskbell demo` of one test file's own: a temporary place, a free port, and nothing left behind.

import { spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { until } from "./until.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const program = process.env.DESKBELL_BIN ?? join(root, "target/debug/deskbell");

export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

export class Demo {
  #process;
  #place;
  #said = "";

  static async start() {
    const demo = new Demo();
    demo.#place = mkdtempSync(join(tmpdir(), "deskbell-browser-"));
    // PostgreSQL runs under another account when the demo is started by root.
    chmodSync(demo.#place, 0o755);
    for (let tries = 1; ; tries++) {
      demo.origin = `http://127.0.0.1:${await freePort()}`;
      try {
        await demo.again();
        return demo;
      } catch (problem) {
        // Somebody else took the port in the meantime.
        if (tries === 3 || !/cannot listen/i.test(demo.log)) throw problem;
      }
    }
  }

  /** The first time, or after a kill: the same place, the same address. */
  async again() {
    const address = this.origin.slice("http://".length);
    const data = join(this.#place, "data");
    const args = ["demo", "--listen", address, "--data-dir", data];
    this.#process = spawn(program, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream.on("data", (bytes) => {
        this.#said = (this.#said + bytes).slice(-20_000);
      });
    }
    await until("the demo is ready", () => this.#isReady(), { within: 90_000 });
    this.known = JSON.parse(readFileSync(join(data, "demo.json"), "utf8"));
  }

  async #isReady() {
    const { exitCode } = this.#process;
    if (exitCode !== null) throw new Error(`the demo ended with ${exitCode}: ${this.#said}`);
    const answer = await fetch(`${this.origin}/readyz`).catch(() => null);
    return answer?.status === 200;
  }

  get log() {
    return this.#said;
  }

  person(name) {
    return this.known.agents.find(({ email }) => email.startsWith(`${name}@`));
  }

  /** Another command of the same program, at this demo's database. */
  run(...words) {
    const env = { ...process.env, DATABASE_URL: this.known.database_url };
    const { stdout, stderr, status } = spawnSync(program, words, { env, encoding: "utf8" });
    if (status !== 0) throw new Error(`deskbell ${words.join(" ")}: ${stderr}`);
    return stdout;
  }

  transcript(conversation) {
    return JSON.parse(this.run("transcript", conversation, "--format", "json"));
  }

  /** One machine plays everybody here, faster than people write. */
  hurry() {
    this.run("site", "set", this.known.site_key, "--limit", "shopper_burst=1000", "--limit", "shopper_per_s=1000");
  }

  /** As a power cut would: nothing is told to anybody. */
  kill() {
    return this.#end("SIGKILL");
  }

  async #end(signal) {
    const { exitCode, signalCode } = this.#process;
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    if (exitCode === null && signalCode === null && this.#process.kill(signal)) await ended;
  }

  async stop() {
    await this.#end("SIGTERM");
    rmSync(this.#place, { recursive: true, force: true });
  }
}
