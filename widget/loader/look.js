// The launcher's and the dialog's style sheet. px only: the shop's root font size is not ours. The icons are clipped
// shapes, so that they need neither markup nor an image, and forced colours leave the launcher as the shop painted it.

import { config } from "./life.js";

// Numbers may come as text, from the script's attributes.
const { side = "right", x = 20, y = 20, z = 2147483000 } = config;

export const sheet = `:host{all:initial!important;position:fixed!important;z-index:${z}!important}\
button,a{all:unset;cursor:pointer}\
:focus-visible{outline:2px solid var(--c-primary);outline-offset:2px}\
.l{position:fixed;bottom:${y}px;${side}:${x}px;width:56px;height:56px;border-radius:50%;background:var(--c-primary);box-shadow:0 6px 24px #0003;forced-color-adjust:none}\
.l:before{content:"";position:absolute;inset:0;background:var(--c-on-primary);clip-path:path(evenodd,"M16 26c0-6 5-10 12-10s12 4 12 10-5 10-12 10l-8 4v-6c-2-2-4-5-4-8zm5-1v3h3v-3zm6 0v3h3v-3zm6 0v3h3v-3z")}\
[aria-expanded=true]:before{clip-path:inset(26px 18px)}\
i{position:absolute;top:-3px;right:-3px;min-width:20px;border-radius:10px;background:#c8102e;color:#fff;font:600 12px/20px system-ui;text-align:center}\
i:empty,[hidden],div:has(+[hidden]){display:none!important}\
dialog{all:unset;position:fixed;display:none;bottom:${y - -68}px;${side}:${x}px;width:min(400px,100vw - ${x * 2}px);height:min(680px,100dvh - ${y - -88}px);overflow:hidden;border-radius:14px;background:Canvas;color-scheme:var(--s);color:CanvasText;box-shadow:0 6px 24px #0003}\
dialog[open]{display:grid}\
dialog:modal{inset:0;width:auto;height:100dvh;border-radius:0}\
iframe{width:100%;height:100%;border:0}\
p{margin:auto;font:16px/2.2 system-ui;text-align:center}\
p *{display:block;margin:auto;text-decoration:underline}\
@media print{:host{display:none!important}}`;
