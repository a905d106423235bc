// What is fetched later. Of the first half its modules take what ./first.js names, and nothing else.

export { awayForm, thanks } from "./away.js";
export { Context } from "./context.js";
export { endedCard } from "./ended.js";
export { restore, showEarlier } from "./history.js";
export { Messages } from "./messages.js";
export { placeFor } from "./place.js";
export { overStream } from "./stream.js";
export { ring } from "./tone.js";
