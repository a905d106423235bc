// Drives Deskbell and the two peers in turn, on one machine and one PostgreSQL, and prints one table.
import { execFile, spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import pg from "pg";
import { markdown } from "./table.mjs";

const HERE = path.dirname(fileURLToPath(import.meta.url));
const ROOT = path.resolve(HERE, "../..");
const TARGETS = ["deskbell", "ws", "socketio"];
const PER_AGENT = 5;
const run = promisify(execFile);

const USAGE = `Usage: bin/bench-peers [options]
  --rounds N     rounds, each server once in each (3)
  --pairs N      shopper-agent pairs (200)
  --seconds N    counted seconds of each step (6)
  --steps N      steps of each search for the highest rate (14)
  --data-dir DIR where PostgreSQL keeps its files, on a real disk (a new directory in var/, removed afterwards)
  --json FILE    the figures as JSON (var/bench-peers.json)`;

function options() {
  const { values } = parseArgs({
    options: {
      rounds: { type: "string", default: "3" },
      pairs: { type: "string", default: "200" },
      seconds: { type: "string", default: "6" },
      steps: { type: "string", default: "14" },
      "data-dir": { type: "string" },
      json: { type: "string", default: path.join(ROOT, "var/bench-peers.json") },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) {
    console.log(USAGE);
    process.exit(0);
  }
  return values;
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A child that is stopped politely, then firmly. */
class Child {
  #process;
  #ended;

  constructor(command, args, env, log) {
    const out = fs.openSync(log, "a");
    this.#process = spawn(command, args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", out] });
    this.#ended = new Promise((resolve) => this.#process.once("close", resolve));
    this.lines = createInterface({ input: this.#process.stdout });
    this.lines.on("line", (line) => fs.writeSync(out, `${line}\n`));
  }

  get pid() {
    return this.#process.pid;
  }

  get isRunning() {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  async stop() {
    this.#process.kill("SIGTERM");
    const late = AbortSignal.timeout(40_000);
    late.onabort = () => this.#process.kill("SIGKILL");
    await this.#ended;
    late.onabort = null;
  }
}

async function startDemo(binary, dir, pairs) {
  const port = await freePort();
  const agents = String(Math.max(6, Math.ceil(pairs / PER_AGENT)));
  const args = ["demo", "--listen", `127.0.0.1:${port}`, "--data-dir", path.join(dir, "data"), "--agents", agents];
  const child = new Child(binary, args, {}, path.join(dir, "deskbell.log"));
  for (let tries = 0; tries < 600; tries++) {
    if (!child.isRunning) break;
    const ready = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null);
    if (ready?.status === 200) {
      const file = path.join(dir, "data", "demo.json");
      return { child, file, ...JSON.parse(fs.readFileSync(file, "utf8")) };
    }
    await sleep(100);
  }
  await child.stop();
  throw new Error(`deskbell demo did not become ready: ${fs.readFileSync(path.join(dir, "deskbell.log"), "utf8")}`);
}

/** The default limits are made for people; here a few dozen of them type thousands of messages. */
async function liftLimits(binary, demo) {
  const names = ["shopper", "agent", "sessions"].flatMap((who) => [`${who}_burst`, `${who}_per_s`]);
  const limits = names.flatMap((name) => ["--limit", `${name}=1000000`]);
  const env = { ...process.env, DATABASE_URL: demo.database_url };
  await run(binary, ["site", "set", demo.site_key, ...limits], { env });
  await sleep(6000);
}

async function preparePeers(url) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query("create database peers");
    const { rows } = await client.query("select pg_backend_pid() as pid, version(), current_setting('fsync') as fsync");
    const stat = fs.readFileSync(`/proc/${rows[0].pid}/stat`, "utf8");
    const postmaster = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1];
    return { postmaster, version: rows[0].version.split(" ").slice(0, 2).join(" "), fsync: rows[0].fsync };
  } finally {
    await client.end();
  }
}

/** Checkpoints are spread evenly only by chance: each run begins right after one. */
async function checkpoint(url) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query("checkpoint").catch(() => {});
  await client.end();
}

/** Median of 200 synced writes of one page, in milliseconds. */
function fsyncTime(dir) {
  const file = path.join(dir, "fsync");
  const fd = fs.openSync(file, "w");
  const page = Buffer.alloc(8192, 1);
  const times = [];
  for (let i = 0; i < 200; i++) {
    fs.writeSync(fd, page, 0, page.length, 0);
    const began = process.hrtime.bigint();
    fs.fdatasyncSync(fd);
    times.push(Number(process.hrtime.bigint() - began) / 1e6);
  }
  fs.closeSync(fd);
  fs.unlinkSync(file);
  return times.sort((a, b) => a - b)[100];
}

async function startPeer(target, demo, dir) {
  const url = demo.database_url.replace(/^(postgres(?:ql)?:\/\/[^/]*\/)[^?]*/, "$1peers");
  const env = { DATABASE_URL: url, NODE_ENV: "production", PORT: "0" };
  const child = new Child(process.execPath, [path.join(HERE, `${target}.mjs`)], env, path.join(dir, `${target}.log`));
  const line = await Promise.race([new Promise((resolve) => child.lines.once("line", resolve)), sleep(10_000)]);
  if (!line) throw new Error(`${target} did not start: ${fs.readFileSync(path.join(dir, `${target}.log`), "utf8")}`);
  return { child, port: JSON.parse(line).port };
}

async function bench(binary, dir, args) {
  const json = path.join(dir, "figures.json");
  await run(binary, ["bench", ...args, "--json", json], { maxBuffer: 1 << 24 });
  return JSON.parse(fs.readFileSync(json, "utf8"));
}

async function measure(target, { binary, dir, demo, postgres, settings }) {
  await checkpoint(demo.database_url);
  const fsync_ms = fsyncTime(dir);
  const peer = target === "deskbell" ? null : await startPeer(target, demo, dir);
  const where = peer
    ? ["--url", `http://127.0.0.1:${peer.port}`, "--server-pid", String(peer.child.pid)]
    : ["--demo", demo.file];
  const common = ["--target", target, ...where, "--postgres-pid", postgres.postmaster, "--pairs", settings.pairs];
  try {
    const search = ["--p99", "50ms", "--from", "1000", "--seconds", settings.seconds, "--steps", settings.steps];
    const highest = await bench(binary, dir, ["find", ...common, ...search]);
    await sleep(2000);
    const saturated = await bench(binary, dir, ["chat", ...common, "--rate", "0", "--seconds", settings.seconds]);
    return { target, fsync_ms, highest, saturated };
  } finally {
    await peer?.child.stop();
  }
}

async function compare(binary, dir, settings) {
  const demo = await startDemo(binary, dir, Number(settings.pairs));
  try {
    await liftLimits(binary, demo);
    const postgres = await preparePeers(demo.database_url);
    const runs = [];
    for (let round = 0; round < Number(settings.rounds); round++) {
      for (let i = 0; i < TARGETS.length; i++) {
        const target = TARGETS[(round + i) % TARGETS.length];
        const result = await measure(target, { binary, dir, demo, postgres, settings });
        runs.push({ round: round + 1, ...result });
        const { per_s } = result.saturated;
        console.error(`round ${round + 1} ${target}: ${result.highest.highest_rate}/s, saturated ${Math.round(per_s)}/s`);
      }
    }
    const machine = { cores: os.cpus().length, cpu: os.cpus()[0].model, node: process.version, postgres: postgres.version, fsync: postgres.fsync };
    return { machine, pairs: Number(settings.pairs), runs };
  } finally {
    await demo.child.stop();
  }
}

const settings = options();
const binary = path.resolve(process.env.DESKBELL_BIN ?? path.join(ROOT, "target/release/deskbell"));
fs.mkdirSync(path.join(ROOT, "var"), { recursive: true });
const dir = settings["data-dir"] ? path.resolve(settings["data-dir"]) : fs.mkdtempSync(path.join(ROOT, "var/bench-"));
fs.mkdirSync(dir, { recursive: true });
// PostgreSQL may run as another user, who has to get through.
fs.chmodSync(dir, 0o755);
// The interrupt reaches the children too: what is left to do is to wait for them, which `finally` does.
process.on("SIGINT", () => {});
try {
  const result = await compare(binary, dir, settings);
  fs.writeFileSync(settings.json, JSON.stringify(result, null, 2));
  console.log(markdown(result));
} finally {
  if (!settings["data-dir"]) fs.rmSync(dir, { recursive: true, force: true });
}
