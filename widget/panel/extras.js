// Small things beside the text: emoji, and being told of an answer after the page was left.

import { byId, textButton } from "./dom.js";
import { at, request } from "./http.js";
import { announce } from "./status.js";
import { say } from "./words.js";

const GLYPHS = "😀 😂 😊 😍 🤔 😎 😉 😢 😭 😡 😱 🙏 👍 👎 👏 👋 💪 🎉 ❤️ 🔥 ✅ ❌ 🎁 🚚".split(" ");

export function emojiFor({ composer }) {
  const popover = byId("emoji");
  const put = (glyph) => () => {
    popover.hidePopover();
    composer.insert(glyph);
  };
  popover.replaceChildren(...GLYPHS.map((glyph) => textButton(glyph, put(glyph), "tool")));
}

// The window is opened by the click itself, or the browser would not let it be opened.
export async function notify(panel) {
  const { session, host } = panel;
  const page = open("", "_blank", "popup,width=400,height=680");
  try {
    const { url } = await request("/v1/shopper/notify", { token: session.token, body: {} });
    page.location = at(url);
    panel.isAsked = true;
    host.keep("asked", "1");
    panel.changed();
  } catch {
    page?.close();
    announce(say("failed"));
  }
}
