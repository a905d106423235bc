// What is fetched later. Its modules import from ./panel.js, the bundle that is already running, so that both halves
// share one set of helpers.

export { awayForm, thanks } from "./away.js";
export { Context } from "./context.js";
export { endedCard } from "./ended.js";
export { restore, showEarlier } from "./history.js";
export { Messages } from "./messages.js";
export { overStream } from "./stream.js";
export { ring } from "./tone.js";
