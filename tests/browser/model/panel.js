// Stands for the built first half, see resolve.js.

export { avatar, byId, h, icon, textButton } from "../../../widget/panel/dom.js";
export { field, form, markAll } from "../../../widget/panel/forms.js";
export { request } from "../../../widget/panel/http.js";
export { newCid } from "../../../widget/panel/signals.js";
export { announce } from "../../../widget/panel/status.js";
export { region, say, sayCount } from "../../../widget/panel/words.js";
