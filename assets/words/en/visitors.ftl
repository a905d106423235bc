# Visitors: who is at the shop with the chat open.
nav-visitors = Visitors
keys-visitors = Go to the visitors
visitors-means = Who has the chat open in the shop right now, the newest first. Whoever merely reads the shop is not tracked, and is not here.
visitors-site = Shop
visitors-all-sites = All shops
visitors-show = Show
visitors-count = { $count ->
    [one] { $count } visitor
   *[other] { $count } visitors
}
visitors-at-least = { $count ->
    [one] At least { $count } visitor
   *[other] At least { $count } visitors
}
visitors-cut = The newest { $count } are shown.
visitors-none = Nobody has the chat open
visitors-none-next = Whoever opens the chat in the shop appears here at once. To see it, open the shop in another window and press its chat button.
visitors-since = Here since
visitors-page = Page:
visitors-silent = Has not written yet
visitors-idle = No open chat
visitors-waits = Waiting
visitors-talks = In a chat with { $name }
visitors-open = Open the chat
visitors-past = { $count ->
    [one] { $count } earlier conversation
   *[other] { $count } earlier conversations
}
visitors-write = Write first
visitors-left = This visitor has left.
visitors-first = Write to { $name }
visitors-first-means = The chat is yours from its first word and takes one of your places. Their open panel shows it at once.
visitors-team = For the team
visitors-send = Send and open the chat
visitors-taken = { $name } is in a chat with them by now. Your text was not sent.
visitors-wrote = They have written themselves meanwhile, and wait for an answer. Your text was not sent.
refused-you-are-offline-choose-another-status-first-then-write = You are offline. Choose another status first, then write.
refused-you-are-in-no-team-of-this-shop-ask-to-be-added-to-one-first = You are in no team of this shop. Ask to be added to one first.
refused-this-visitor-has-left-nobody-would-read-it-now = This visitor has left: nobody would read it now.
refused-all-your-places-are-taken-or-all-of-your-team-close-or-transfer-a-chat-first = All your places are taken, or all of your team. Close or transfer a chat first.
refused-this-shopper-may-not-come-in-any-more-nobody-would-read-it = This shopper may not come in any more: nobody would read it.
reason-wrote-first = wrote first
refused-you-are-not-in-this-team-any-more-choose-another-one = You are not in this team any more. Choose another one.
