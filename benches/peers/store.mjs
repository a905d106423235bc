// What both peers keep: one table, one durable insert a message.
import pg from "pg";

const TABLE = `
  create table if not exists messages (
    id bigint generated always as identity primary key,
    conversation uuid not null,
    cid text not null,
    author text not null,
    body text not null,
    at timestamptz not null default now()
  )`;

const INSERT = {
  name: "insert-message",
  text: "insert into messages (conversation, cid, author, body) values ($1, $2, $3, $4) returning id, at",
};

export async function openStore() {
  const pool = new pg.Pool({
    connectionString: process.env.DATABASE_URL,
    max: Number(process.env.POOL ?? 16),
    idleTimeoutMillis: 0,
    options: "-c synchronous_commit=on",
  });
  await pool.query(TABLE);
  return {
    /** Resolves once the message is committed. */
    async append(conversation, cid, author, body) {
      const { rows } = await pool.query({ ...INSERT, values: [conversation, cid, author, body] });
      return rows[0];
    },
    close: () => pool.end(),
  };
}

/** Tells the caller, who let the system choose the port, where to connect; stops on a signal. */
export function announce(server, stop) {
  server.listen(Number(process.env.PORT ?? 0), "127.0.0.1", () => {
    console.log(JSON.stringify({ port: server.address().port, pid: process.pid }));
  });
  for (const signal of ["SIGINT", "SIGTERM"]) {
    process.once(signal, async () => {
      await stop();
      process.exit(0);
    });
  }
}
