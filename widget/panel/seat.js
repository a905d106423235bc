// Which tabs have a connection: each that is looked at, and of the others one alone, so that badges and sound go on.
// Who is connected says so with a rank, and a hidden tab of a lower rank rests. Who rests
// asks now and then by a rank of 0, and takes over when nobody answers.

const ASKS = 20_000;

export function seatOf(host, link, changed) {
  const rank = Math.random();
  const seat = { rests: false };
  let timer = 0;
  const own = () => (document.hidden ? rank : 1);
  const claim = () => link.state === "up" && host.cast({ seat: own() });

  function rest(on) {
    seat.rests = on;
    changed();
  }

  // Looked at, needed again, or connected for a message of its own.
  function take() {
    rest(false);
    claim();
  }

  function hear(other) {
    clearTimeout(timer);
    if (other < own()) claim();
    else if (document.hidden) rest(true);
    if (seat.rests) timer = other ? setTimeout(ask, ASKS) : setTimeout(take, 1000 + rank * 3000);
  }

  function ask() {
    host.cast({ seat: 0 });
    hear(0);
  }

  host.on("tab", ({ seat: other }) => other >= 0 && hear(other));
  link.on("up", take);
  document.addEventListener("visibilitychange", take);
  return seat;
}
