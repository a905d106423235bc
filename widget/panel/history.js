// Pages of a conversation's past: before what is shown, or the newest one when no replay can be promised.

import { request } from "./first.js";

const pageBefore = (token, id, before) =>
  request(`/v1/shopper/conversations/${id}/events?before=${before}&limit=50`, { token });

export async function restore({ session, record }, frame) {
  const page = await pageBefore(session.token, frame.conversation, frame.head + 1);
  record.restore(frame, page, session.answer.conversation?.state);
}

export async function showEarlier({ session, record }) {
  record.prepend(await pageBefore(session.token, record.id, record.events[0].seq));
}
