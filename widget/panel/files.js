// Files that are to go with the next message or letter: each is made ready, uploaded at once, and can be cancelled or tried
// again. The form that they stand in is sent when all of them have arrived.

import { byId, h, textButton } from "./dom.js";
import { at } from "./http.js";
import { madeReady, named } from "./picture.js";
import { sizeOf } from "./shown.js";
import { announce } from "./status.js";
import { say } from "./words.js";

const list = byId("tray");

export function trayFor(panel) {
  const { session, host, link } = panel;
  let rows = [];
  let isAwaited = false;

  function changed() {
    host.keep("files", rows.length > 0 ? "1" : null);
    panel.composer.fit();
    if (isAwaited && rows.every(({ done }) => done)) {
      isAwaited = false;
      list.closest("form").requestSubmit();
    }
  }

  function remove(row) {
    row.request?.abort();
    row.node.remove();
    rows = rows.filter((one) => one !== row);
    changed();
  }

  // A network that is away is no failure of the file's: it goes on by itself when it is back.
  function fail(row, text, isRefused) {
    if (isRefused) isAwaited = false;
    row.failed = true;
    row.bar.hidden = true;
    row.retry.hidden = false;
    row.about.textContent = text;
    announce(`${row.file.name}: ${text}`);
  }

  function upload(row) {
    const { file, bar, about, retry } = row;
    const request = new XMLHttpRequest();
    Object.assign(row, { request, failed: false });
    bar.hidden = false;
    retry.hidden = true;
    about.textContent = sizeOf(file.size);
    request.upload.onprogress = ({ loaded, total }) => {
      bar.value = loaded / total;
    };
    request.onload = () => {
      const { status, response } = request;
      if (status !== 201) return fail(row, response?.error?.message ?? say("failed"), true);
      const blob = URL.createObjectURL(file);
      row.done = { ...response, url: blob, thumb: /^image/.test(response.mime) ? blob : undefined };
      bar.hidden = true;
      changed();
    };
    request.onerror = () => fail(row, say("failed"));
    const form = new FormData();
    form.append("file", file, file.name);
    request.open("POST", at("/v1/shopper/files"));
    request.setRequestHeader("authorization", `Bearer ${session.token}`);
    request.responseType = "json";
    request.send(form);
  }

  function refuse(row, why) {
    isAwaited = false;
    remove(row);
    panel.composer.note(why);
  }

  // In its place at once, so that no message goes without it while it is made ready.
  async function take(given) {
    const { max_bytes: most, per_message: n } = session.answer.site.files;
    if (rows.length >= n) return panel.composer.note(say("toomany", { n }));
    const file = named(given);
    const { name } = file;
    const row = { file, bar: h("progress", { "aria-label": name }), about: h("small") };
    row.retry = textButton(say("retry"), () => upload(row));
    row.retry.hidden = true;
    const onclick = () => {
      remove(row);
      panel.composer.focus();
    };
    const drop = h("button", { type: "button", class: "tool", "aria-label": say("remove", { name }), onclick }, "×");
    row.node = h("li", {}, h("bdi", {}, name), row.about, row.bar, row.retry, drop);
    rows.push(row);
    list.append(row.node);
    changed();
    const ready = await madeReady(file);
    if (!rows.includes(row)) return;
    row.file = ready ?? file;
    if (row.file.size > most) refuse(row, say("toobig", { name, size: sizeOf(most) }));
    else if (ready) upload(row);
    else refuse(row, say("picture", { name }));
  }

  const again = () => rows.filter(({ failed }) => failed).forEach(upload);
  link.on("up", again);

  return {
    add: (files) => files.forEach(take),
    holds: () => rows.length > 0,
    // Sending what is not there yet waits for it, and tries again what failed.
    isReady() {
      isAwaited = rows.some(({ done }) => !done);
      again();
      return !isAwaited;
    },
    done: () => (rows.length > 0 ? rows.map(({ done }) => done) : undefined),
    empty() {
      rows = [];
      list.replaceChildren();
      changed();
    },
  };
}
