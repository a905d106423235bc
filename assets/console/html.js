// Where text becomes HTML, and how a page takes on what the server printed anew.
import { Idiomorph } from "../vendor/idiomorph.js";
import { localise } from "./time.js";

const plain = { createHTML: (html) => html, createScriptURL: (url) => url };
const policy = window.trustedTypes?.createPolicy("deskbell", plain) ?? plain;

/** The one sink. Only what our own server printed comes here; what people wrote was escaped there. */
export function parse(html) {
  const page = new DOMParser().parseFromString(policy.createHTML(html), "text/html");
  localise(page);
  return page;
}

/** The one script that is begun by its address: our worker. */
export const workerAddress = (path) => policy.createScriptURL(path);

/** What a person is at stays as it is: a field with text, a chosen mode, an opened menu. */
const callbacks = {
  beforeNodeMorphed(old) {
    if (old.nodeType !== Node.ELEMENT_NODE) return true;
    return !old.matches("[data-dirty], .modes input, .pick:checked, audio, video");
  },
  beforeAttributeUpdated(name, node, change) {
    if (name === "open" && change === "remove" && node.localName === "details") return false;
    return !(name === "data-live" || (name === "aria-busy" && change === "remove"));
  },
  beforeNodeRemoved(node) {
    return !node.matches?.(".sending, .failed");
  },
};

export function morph(old, fresh) {
  // It leaves out the content of whatever has the focus: right for a field, wrong for a button.
  const ignoreActiveValue = document.activeElement?.matches("input, select, textarea") ?? false;
  Idiomorph.morph(old, fresh, { morphStyle: "outerHTML", ignoreActiveValue, restoreFocus: true, callbacks });
}
