# Colleagues in the same conversation.
is-viewing = { $name } is viewing
is-replying = { $name } is replying
are-viewing-too = { $count ->
    [one] { $count } more is viewing
   *[other] { $count } more are viewing
}
mention-none = No colleague of that name may see this chat.
mention-came = { $name } mentions you in a note
refused-a-colleague-has-answered-meanwhile-send-once-more-if-yours-is-still-wanted = A colleague has answered meanwhile. Send once more if yours is still wanted.
taken-back-by = Taken back by { $name }:
fate-seen = The shopper has seen it
fate-got = It has reached the shopper, who has not seen it yet.
fate-unseen = It has not reached the shopper, as far as is known.
fate-was-seen = The shopper had seen it:
correct = Correct
correct-label = Your message, corrected
correct-means = The old one is taken back at the same moment; the shopper sees that a message was taken back.
correct-not = Leave it as it was
correct-send = Send corrected
keys-correct = Correct what you sent last (in an empty field)
refused-only-a-message-of-your-own-without-files-can-be-corrected-take-it-back-and-send-another = Only a message of your own without files can be corrected. Take it back and send another.
