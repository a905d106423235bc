// Carries the same frames where a network blocks WebSocket: a fetched stream of events down, posts up. Promises what
// the socket promises: frame(object) for each frame in order, then closed(code, opened) once.

import { at, request } from "./http.js";

// One line is one frame: the server's JSON has no line breaks.
async function readEvents(body, frame) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const lines = (text + value).split("\n");
    text = lines.pop();
    for (const line of lines) if (line.startsWith("data:")) frame(JSON.parse(line.slice(5)));
  }
}

export function overStream({ token, resume }, { frame, closed }) {
  const stop = new AbortController();
  const { signal } = stop;
  const headers = { authorization: `Bearer ${token}`, accept: "text/event-stream" };
  const [cursor] = resume;
  if (cursor) {
    const { conversation, epoch, after, tip } = cursor;
    headers["last-event-id"] = [conversation, epoch ?? "", after, tip ?? ""].join(":");
  }
  const finish = (code) => {
    if (signal.aborted) return;
    stop.abort();
    closed(code, true);
  };
  fetch(at("/v1/shopper/events"), { headers, signal })
    .then(async (answer) => {
      if (!answer.ok) return finish({ 401: 4001, 403: 4003 }[answer.status] ?? 1006);
      await readEvents(answer.body, (one) => signal.aborted || frame(one));
      return finish(1006);
    })
    .catch(() => finish(1006));
  return {
    send(out) {
      request("/v1/shopper/frames", { token, body: out, signal })
        .then(({ frames = [] }) => frames.forEach(frame))
        .catch(() => {});
    },
    drop: () => stop.abort(),
  };
}
