# Being called while nobody looks at the console, and the console as an app of its own.
alert-message = { $name } schreibt
alert-message-plain = Ein Kunde schreibt
alert-offer = Ein Chat klingelt: { $name }
alert-offer-plain = Ein Chat klingelt
alert-plain = In Deskbell wartet etwas auf Sie
alert-mail-chats = { $count ->
        [one] Ein Chat wartet auf Sie
       *[other] { $count } Chats warten auf Sie
    }
alert-mail-notes = { $count ->
        [one] Kollegen rufen Sie an einer Stelle
       *[other] Kollegen rufen Sie an { $count } Stellen
    }
alert-mail-chat = Chat
alert-mail-note = Notiz
alert-mail-room = Von einem Kollegen
alert-mail-open = Konsole öffnen
alert-mail-why = Sie bekommen diesen Brief, weil es eine Weile niemand gesehen hat; höchstens einen in zehn Minuten. In Ihren Einstellungen können Sie das abschalten.
offline-title = Keine Verbindung
offline-lead = Die Konsole ist gerade nicht zu erreichen. Was Sie geschrieben hatten, ist aufgehoben, und Kunden, die inzwischen schreiben, gehen nicht verloren.
offline-again = Erneut versuchen
app-description = Chats mit den Menschen in Ihrem Shop
me-closed = Während Sie nicht hinsehen
me-closed-means = In einem offenen Tab klingelt die Konsole sofort. Hat niemand gesehen, was wartet, kommt eine Benachrichtigung an die Browser unten und danach ein einziger Brief, der sagt, wie viel wartet. Wer abwesend oder nicht im Dienst ist, bekommt nur Briefe über eigene Chats.
me-push = Benachrichtigung
me-mail = Brief
me-after-s = { $seconds ->
        [0] gar nicht
       *[other] nach { $seconds } Sekunden
    }
me-after-min = { $minutes ->
        [0] gar nicht
       *[other] nach { $minutes } Minuten
    }
me-closed-now = Ist keine Konsole offen, kommt die Benachrichtigung sofort. Auch was klingelt, wartet nicht.
me-browsers = Browser, die benachrichtigt werden
me-browsers-none = Noch keiner.
me-browser-unnamed = Ein Browser
me-browser-this = dieser Browser
me-browser-since = seit
me-browser-remove = Entfernen
me-push-on = Dieses Gerät auch bei geschlossener Konsole benachrichtigen
me-push-is-on = Dieser Browser wird benachrichtigt, solange Sie hier angemeldet sind, auch bei geschlossener Konsole.
me-push-unsupported = Dieser Browser kann bei geschlossener Konsole nicht benachrichtigt werden. Auf einem iPhone oder iPad legen Sie Deskbell zuerst auf den Home-Bildschirm.
me-push-denied = Dieser Browser lässt Deskbell Sie nicht benachrichtigen. Erlauben Sie es in den Einstellungen des Browsers für diese Seite und öffnen Sie sie dann erneut.
me-push-failed = Der Browser konnte gerade nicht eingerichtet werden. Versuchen Sie es gleich noch einmal.
me-push-needs-script = Um einen Browser einzurichten, braucht es Skripte.
