// What the later half takes from ./panel.js, the bundle that is already running: both halves share one set of helpers,
// and this is the only place that names it, so that it is imported once.

export {
  announce,
  avatar,
  byId,
  field,
  form,
  h,
  icon,
  markAll,
  newCid,
  region,
  request,
  say,
  sayCount,
  textButton,
} from "./panel.js";
