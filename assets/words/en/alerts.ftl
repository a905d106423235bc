# Being called while nobody looks at the console, and the console as an app of its own.
alert-message = { $name } writes
alert-message-plain = A shopper writes
alert-offer = A chat rings: { $name }
alert-offer-plain = A chat rings
alert-plain = Something waits for you in Deskbell
alert-mail-chats = { $count ->
        [one] A chat waits for you
       *[other] { $count } chats wait for you
    }
alert-mail-notes = { $count ->
        [one] Colleagues call you in one place
       *[other] Colleagues call you in { $count } places
    }
alert-mail-chat = Chat
alert-mail-note = Note
alert-mail-room = From a colleague
alert-mail-open = Open the console
alert-mail-why = You get this letter because nobody has seen it for a while; at most one in ten minutes. You can switch it off in your settings.
offline-title = No connection
offline-lead = The console cannot be reached just now. What you had typed is kept, and shoppers who write meanwhile are not lost.
offline-again = Try again
app-description = Chats with the people in your shop
me-closed = While you do not look
me-closed-means = The console rings at once in an open tab. If nobody has seen what waits, a notification comes to the browsers below, and then one letter that says how many wait. Whoever is away or off duty gets letters about chats of their own, and nothing else.
me-push = Notification
me-mail = Letter
me-after-s = { $seconds ->
        [0] not at all
       *[other] after { $seconds } seconds
    }
me-after-min = { $minutes ->
        [0] not at all
       *[other] after { $minutes } minutes
    }
me-closed-now = With no console open the notification comes at once. What rings does not wait either.
me-browsers = Browsers that are notified
me-browsers-none = No browser yet.
me-browser-unnamed = A browser
me-browser-this = this browser
me-browser-since = since
me-browser-remove = Remove
me-push-on = Notify this device even when the console is closed
me-push-is-on = This browser is notified while you are signed in here, also when the console is closed.
me-push-unsupported = This browser cannot be notified while the console is closed. On an iPhone or iPad add Deskbell to the Home Screen first.
me-push-denied = This browser does not let Deskbell notify you. Allow it in the browser’s settings for this page, then open this page again.
me-push-failed = The browser could not be set up just now. Try again in a moment.
me-push-needs-script = Setting up a browser needs script.
