# Chats that ring.
offers-title = Chats offered to you
offer-asks = { $name } asks you to take over
offer-waiting = Waiting
offer-accept = Accept
offer-decline = Decline
offer-came = A new chat came to you.
offer-given = { $name } handed a chat to you.
offer-given-why = { $name } handed a chat to you: { $why }
