// Keeps one connection alive for as long as somebody wants it, and never gives up: a fresh session and ticket for
// each try, full-jitter back-off, a probe when it is too quiet. Says: change, up, down, frame, session, trouble.

import { signals } from "./signals.js";
import { overSocket } from "./socket.js";
import { overStream } from "./stream.js";

const HEALTHY = 60_000;
const QUIET = 30_000;
const IMPATIENT = 10_000;

const jitter = (ms) => Math.random() * ms;

export function linkOf(openSession, resume) {
  let transport = null;
  let isWanted = false;
  let turn = 0;
  let tries = 0;
  let timer = 0;
  let quiet = 0;
  let upSince = 0;
  let unopened = 0;
  let isDoubted = false;
  let byeMs = null;

  const link = { ...signals(), state: "off" };
  const { emit } = link;

  link.want = (on) => {
    if (on === isWanted || link.state === "blocked") return;
    isWanted = on;
    if (on) connect();
    else stop("off");
  };

  const mayTry = () => isWanted && link.state !== "blocked";

  // Everything after the cursor comes again; the fastest way to mend a hole.
  link.restart = () => {
    if (!mayTry()) return;
    stop("down");
    connect();
  };

  // The device slept, the tab came back, the network returned: doubt the connection.
  link.wake = () => {
    tries = 0;
    if (link.state === "down") link.restart();
    else if (link.state === "up") probe();
  };

  link.lose = () => {
    if (!mayTry()) return;
    stop("down");
    later(backOff());
  };

  link.send = (frame) => {
    const isUp = link.state === "up";
    if (isUp) transport.send(frame);
    return isUp;
  };

  function stop(state) {
    turn += 1;
    clearTimeout(timer);
    clearTimeout(quiet);
    transport?.drop();
    transport = null;
    become(state);
  }

  function become(state) {
    if (state === link.state) return;
    link.state = state;
    emit(state);
    emit("change");
  }

  function backOff() {
    const limit = Math.min(30_000, 500 * 2 ** tries);
    tries += 1;
    return jitter(limit);
  }

  function later(ms, fn = connect) {
    clearTimeout(timer);
    timer = setTimeout(fn, ms);
  }

  async function connect() {
    turn += 1;
    const mine = turn;
    clearTimeout(timer);
    become("down");
    byeMs = null;
    try {
      const session = await openSession();
      if (mine !== turn) return;
      emit("session", session);
      const carry = unopened < 2 ? overSocket : overStream;
      transport = carry(
        { ticket: session.ticket, token: session.token, resume: resume() },
        {
          frame: (frame) => mine === turn && hear(frame),
          closed: (code, opened) => mine === turn && closed(code, opened),
        },
      );
      later(IMPATIENT, () => closed(1006, false));
    } catch (error) {
      if (mine === turn) refused(error);
    }
  }

  function refused(error) {
    if (error.status === 403) {
      stop("blocked");
      return;
    }
    emit("trouble", error);
    later((error.retryMs ?? 0) + backOff());
  }

  function hear(frame) {
    clearTimeout(quiet);
    quiet = setTimeout(() => document.hidden || probe(), QUIET);
    if (frame.type === "bye") {
      byeMs = frame.retry_ms ?? 0;
      later(1000, () => closed(1012, true));
      return;
    }
    const isWelcome = frame.type === "welcome";
    if (isWelcome) {
      clearTimeout(timer);
      isDoubted = false;
      upSince = Date.now();
    }
    emit("frame", frame);
    if (isWelcome) become("up");
  }

  function probe() {
    clearTimeout(quiet);
    quiet = setTimeout(link.restart, IMPATIENT);
    transport?.send({ type: "probe" });
  }

  // Two sockets that never spoke mean a network that blocks them; a stream that never spoke, that it was not the socket.
  function countUnopened(isUp, opened) {
    if (isUp !== unopened >= 2) unopened = 0;
    else if (!isUp && !opened) unopened += 1;
  }

  function closed(code, opened) {
    const isUp = link.state === "up";
    const isHealthy = isUp && Date.now() - upSince > HEALTHY;
    countUnopened(isUp, opened);
    if (code === 4003) {
      stop("blocked");
      return;
    }
    stop("down");
    // Once a new session may be all that is needed.
    if (code === 4001 && !isDoubted) {
      isDoubted = true;
      connect();
      return;
    }
    if (code === 4001) emit("trouble", { status: 401 });
    const isSent = code === 1012 || byeMs !== null;
    if (isHealthy || isSent) tries = 0;
    later(isSent ? jitter(byeMs ?? 3000) : backOff());
  }

  return link;
}
