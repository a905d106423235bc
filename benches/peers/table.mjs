// The comparison as one Markdown table: each run, the medians, and Deskbell in relation to the peers.
const NAMES = { deskbell: "Deskbell", ws: "ws + pg", socketio: "Socket.IO + pg" };

const HEAD = [
  "round",
  "server",
  "highest rate, ack p99 < 50 ms",
  "p50 / p99 there",
  "saturated",
  "server µs",
  "Postgres µs",
  "sum µs a message",
  "fsync",
  "busy, by others there",
  "busy, by others saturated",
];

function median(values) {
  const sorted = values.filter((value) => value != null).sort((a, b) => a - b);
  if (!sorted.length) return null;
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

const number = (value, digits = 0) => (value == null ? "–" : value.toFixed(digits));

/** The figures of one run that the table shows. */
function figures({ target, fsync_ms, highest, saturated }) {
  return {
    target,
    rate: highest.highest_rate,
    p50: highest.at_highest?.ack_ms.p50,
    p99: highest.at_highest?.ack_ms.p99,
    saturated: saturated.per_s,
    server: saturated.cpu.server?.us_per_message,
    postgres: saturated.cpu.postgres?.us_per_message,
    sum: saturated.cpu.server_and_postgres_us_per_message,
    fsync: fsync_ms,
    busy_there: highest.at_highest?.busy_pct,
    others_there: highest.at_highest?.others_pct,
    busy: saturated.busy_pct,
    others: saturated.others_pct,
  };
}

function row(label, f) {
  return [
    label,
    NAMES[f.target],
    `${number(f.rate)}/s`,
    `${number(f.p50, 1)} / ${number(f.p99, 1)} ms`,
    `${number(f.saturated)}/s`,
    number(f.server),
    number(f.postgres),
    number(f.sum),
    `${number(f.fsync, 2)} ms`,
    `${number(f.busy_there)} %, ${number(f.others_there)} %`,
    `${number(f.busy)} %, ${number(f.others)} %`,
  ];
}

function medians(all, target) {
  const mine = all.filter((f) => f.target === target);
  const keys = Object.keys(mine[0]).filter((key) => key !== "target");
  return { target, ...Object.fromEntries(keys.map((key) => [key, median(mine.map((f) => f[key]))])) };
}

function ratio(ours, theirs) {
  const times = (key) => (ours[key] && theirs[key] ? `${(ours[key] / theirs[key]).toFixed(2)}×` : "–");
  const name = `Deskbell ÷ ${NAMES[theirs.target]}`;
  return ["ratio", name, times("rate"), "", times("saturated"), times("server"), times("postgres"), times("sum"), "", "", ""];
}

export function markdown({ machine, pairs, runs }) {
  const all = runs.map(figures);
  const [ours, ...theirs] = Object.keys(NAMES).map((target) => medians(all, target));
  const rows = [
    HEAD,
    HEAD.map((_, i) => (i < 2 ? "---" : "---:")),
    ...runs.map((run, i) => row(String(run.round), all[i])),
    ...[ours, ...theirs].map((f) => row("median", f)),
    ...theirs.map((f) => ratio(ours, f)),
  ];
  const caption = `${pairs} pairs; ${machine.cores} cores (${machine.cpu}); ${machine.postgres}, fsync ${machine.fsync}; Node ${machine.node}; the generator runs on the same cores.`;
  return `${rows.map((cells) => `| ${cells.join(" | ")} |`).join("\n")}\n\n${caption}`;
}
