// Pages of a conversation's past: before what is shown, or the newest one when no replay can be promised.

import { request } from "./http.js";

const pageBefore = (token, id, before) =>
  request(`/v1/shopper/conversations/${id}/events?before=${before}&limit=50`, { token });

// A page that comes after the connection it was asked on is too old.
export async function restore({ session, record, chat }, frame) {
  const page = await pageBefore(session.token, frame.conversation, frame.head + 1);
  if (record.paused !== frame) return;
  page.events.forEach(chat.settle);
  record.restore(frame, page, session.answer.conversation?.state);
}

export async function showEarlier({ session, record, chat }) {
  const page = await pageBefore(session.token, record.id, record.events[0].seq);
  page.events.forEach(chat.settle);
  record.prepend(page);
}
