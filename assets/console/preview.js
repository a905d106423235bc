// The widget's preview follows what is typed; without this file a button does.

const form = document.getElementById("widget");
const frame = form?.querySelector("[data-preview]");
const shown = ["color", "side", "x", "y", "z", "scheme", "locale"];
const sent = [...shown, "said_in"];
let due = 0;

function show() {
  const all = new FormData(form);
  const query = new URLSearchParams(sent.map((name) => [name, all.get(name)]));
  // Not a step in the tab's history.
  frame.contentWindow.location.replace(`${frame.dataset.preview}?${query}`);
}

// What the server says about the colour stands in the preview, too.
frame?.addEventListener("load", () => {
  const said = frame.contentDocument?.querySelector("#legibility")?.textContent;
  const line = document.getElementById("legibility");
  if (said && line && line.textContent !== said) line.textContent = said;
});

form?.addEventListener("input", ({ target }) => {
  if (!shown.includes(target.name)) return;
  clearTimeout(due);
  due = setTimeout(show, 300);
});
