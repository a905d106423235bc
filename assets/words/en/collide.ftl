# Colleagues in the same conversation.
is-viewing = { $name } is viewing
is-replying = { $name } is replying
are-viewing-too = { $count ->
    [one] { $count } more is viewing
   *[other] { $count } more are viewing
}
