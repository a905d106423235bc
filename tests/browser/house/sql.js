// Statements at a demo's own database, for what no door offers: its socket lets this machine's tests in without a password.

import { connect } from "node:net";
import { until } from "./until.js";

const text = (...words) => Buffer.from(`${words.join("\0")}\0`);

function framed(kind, body) {
  const head = Buffer.alloc(kind ? 5 : 4);
  if (kind) head.write(kind);
  head.writeInt32BE(body.length + 4, kind ? 1 : 0);
  return Buffer.concat([head, body]);
}

/** Sends it, and waits until it is done; what it selects is of no interest. */
export function run(address, statement) {
  const url = new URL(address);
  const host = decodeURIComponent(url.searchParams.get("host") ?? url.hostname);
  const port = url.searchParams.get("port") || url.port || "5432";
  const socket = connect(host.startsWith("/") ? `${host}/.s.PGSQL.${port}` : { host, port: Number(port) });
  const version = Buffer.from([0, 3, 0, 0]);
  const who = text("user", url.username || "deskbell", "database", url.pathname.slice(1), "");
  let read = Buffer.alloc(0);
  let readies = 0;
  return new Promise((resolve, reject) => {
    socket.on("error", reject);
    socket.on("connect", () => socket.write(framed("", Buffer.concat([version, who]))));
    socket.on("data", (bytes) => {
      read = Buffer.concat([read, bytes]);
      while (read.length >= 5 && read.length > read.readInt32BE(1)) {
        const kind = String.fromCharCode(read[0]);
        const body = read.subarray(5, read.readInt32BE(1) + 1);
        read = read.subarray(read.readInt32BE(1) + 1);
        if (kind === "E") reject(new Error(body.toString().replaceAll("\0", " ")));
        if (kind === "R" && body.readInt32BE(0) !== 0) reject(new Error("the database asks for a password"));
        if (kind !== "Z") continue;
        if (readies++) socket.end(() => resolve());
        else socket.write(framed("Q", text(statement)));
      }
    });
  });
}

/** For so many seconds nobody writes into this table, and everybody may read it. */
export async function lock(address, table, seconds) {
  const released = run(address, `begin; lock table ${table} in exclusive mode; select pg_sleep(${seconds}); commit`);
  const isHeld = `relation = '${table}'::regclass and mode = 'ExclusiveLock' and granted`;
  // Divides by zero as long as it is not so.
  const ask = () => run(address, `select 1 / count(*) from pg_locks where ${isHeld}`);
  await until(`${table} is locked`, () =>
    ask().then(
      () => true,
      () => false,
    ),
  );
  return { released };
}
