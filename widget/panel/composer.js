// Where the shopper writes. Enter sends, except while an input method composes and on touch keyboards. Files come by
// picker, paste and drop, here and in the form for a letter; what becomes of them is files.js.

import { byId, onTouch } from "./dom.js";
import { announce } from "./status.js";
import { dir, say } from "./words.js";

const SAVE_AFTER = 300;
const TYPING_AGAIN = 4000;
const PREVIEW_AGAIN = 400;
const TYPING_OVER = 5000;

const form = byId("composer");
const text = byId("text");
const button = byId("send");
const length = byId("length");
const picker = byId("files");
const attach = byId("attach");
const pack = byId("pack");
// Where a shop looks on while people type, it tells them; then what is typed goes along.
const isWatched = form.firstElementChild.textContent;

export function composerFor(panel) {
  const { record, outbox, link, host, tray } = panel;
  let saving = 0;
  let typedAt = 0;
  let idle = 0;
  let noted = "";
  const composer = {
    max: 8000,
    get draft() {
      return text.value;
    },
  };

  // Stays until something else is written.
  composer.note = (note) => {
    noted = note;
    length.textContent = note;
    announce(note);
  };

  composer.fit = () => {
    const { style } = text;
    const { max } = composer;
    text.dir = text.value ? "auto" : dir;
    // The form keeps its height while its text is measured, or the log above would lose its end.
    form.style.minHeight = `${form.offsetHeight}px`;
    style.height = "auto";
    style.height = `${Math.min(text.scrollHeight, 132)}px`;
    form.style.minHeight = "";
    const n = text.value.length < max - 500 ? 0 : [...text.value].length;
    const isTooLong = n > max;
    length.textContent = n < max - 500 ? noted : `${n} / ${max}`;
    text.ariaInvalid = isTooLong;
    button.disabled = isTooLong || !(text.value.trim() || tray.holds());
  };

  composer.write = (draft) => {
    text.value = draft;
    composer.fit();
  };

  // What was written in another tab.
  composer.follow = (draft) => draft === text.value || document.activeElement === text || composer.write(draft);

  composer.hide = (isHidden) => {
    if (form.hidden === isHidden) return;
    form.hidden = isHidden;
    if (!isHidden) composer.fit();
  };

  // What belongs to files, back from the form that had it.
  composer.take = () => form.prepend(pack);

  composer.focus = () => onTouch() || text.focus();

  const tell = (on) =>
    record.isOpen && link.send({ type: "typing", conversation: record.id, on, preview: isWatched && text.value });

  function stopTyping() {
    clearTimeout(idle);
    if (!typedAt) return;
    typedAt = 0;
    tell(false);
  }

  composer.keep = () => {
    if (isWatched) tell(!!typedAt);
    host.keep("draft", text.value || null);
    host.cast({ draft: text.value });
  };

  function written() {
    noted = "";
    composer.fit();
    clearTimeout(saving);
    saving = setTimeout(composer.keep, SAVE_AFTER);
    clearTimeout(idle);
    if (!text.value) {
      stopTyping();
      return;
    }
    idle = setTimeout(stopTyping, TYPING_OVER);
    if (Date.now() - typedAt < (isWatched ? PREVIEW_AGAIN : TYPING_AGAIN)) return;
    typedAt = Date.now();
    tell(true);
  }

  composer.insert = (what) => {
    text.setRangeText(what, text.selectionStart, text.selectionEnd, "end");
    text.focus();
    written();
  };

  composer.send = () => {
    if (button.disabled) return;
    if (outbox.isFull) {
      composer.keep();
      composer.note(say("full"));
      return;
    }
    if (!tray.isReady()) return;
    const body = text.value;
    clearTimeout(saving);
    stopTyping();
    const files = tray.done();
    tray.empty();
    panel.begin({ type: "send", body }, files);
  };

  form.onsubmit = (event) => {
    event.preventDefault();
    composer.send();
  };
  // keyCode 229: Safari ends the composition before the Enter that ended it arrives.
  text.onkeydown = (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229 || onTouch()) return;
    event.preventDefault();
    composer.send();
  };
  text.oninput = written;

  const offer = (event, { files }) => {
    if (!files.length || !attach.offsetParent) return;
    event.preventDefault();
    tray.add([...files]);
  };
  attach.onclick = () => picker.click();
  picker.onchange = (event) => {
    offer(event, picker);
    picker.value = "";
  };
  document.onpaste = (event) => offer(event, event.clipboardData);
  // A file that is dropped beside the composer must not take the panel's place.
  document.ondragover = (event) => event.preventDefault();
  document.ondrop = (event) => {
    offer(event, event.dataTransfer);
    event.preventDefault();
  };

  return composer;
}
