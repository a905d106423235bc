// Back to what was found: the list stands where it stood, and the focus on the hit that was opened.

const page = document.querySelector("[data-page=search]");

/** The place is kept in the entry of the history that it belongs to, so that each search has its own. */
function keep() {
  const id = document.activeElement?.closest?.(".hit")?.id;
  history.replaceState({ ...history.state, top: page.scrollTop, hit: id ?? null }, "");
}

function restore() {
  const { top, hit } = history.state ?? {};
  if (hit) document.getElementById(hit)?.focus({ preventScroll: true });
  if (top !== undefined) page.scrollTop = top;
}

addEventListener("pagehide", keep);
page.addEventListener("click", (event) => {
  const hit = event.target.closest(".hit");
  if (!hit) return;
  // Some browsers give a link no focus when it is clicked.
  hit.focus({ preventScroll: true });
  keep();
});
restore();
