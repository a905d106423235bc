// What was being written into chats that are out of sight now. Loaded when there is something to tell.
/** Each until it is copied or put away, on the next pages too. */
export function tell({ toast, say }, key, texts) {
  for (const text of texts()) {
    const line = toast(`${say("script-gone")} ${text}`, say("script-copy"), () => navigator.clipboard.writeText(text), text);
    const others = () => texts().filter((other) => other !== text);
    line.addEventListener("desk:done", () => sessionStorage.setItem(key, JSON.stringify(others())));
  }
}
