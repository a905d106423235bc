# Besucher: wer im Shop ist und den Chat geöffnet hat.
nav-visitors = Besucher
keys-visitors = Zu den Besuchern
visitors-means = Wer im Shop gerade den Chat geöffnet hat, die neuesten zuerst. Wer den Shop nur liest, wird nicht verfolgt und steht nicht hier.
visitors-site = Shop
visitors-all-sites = Alle Shops
visitors-show = Anzeigen
visitors-count = { $count ->
    [one] { $count } Besucher
   *[other] { $count } Besucher
}
visitors-at-least = { $count ->
    [one] Mindestens { $count } Besucher
   *[other] Mindestens { $count } Besucher
}
visitors-cut = Die neuesten { $count } werden gezeigt.
visitors-none = Niemand hat den Chat geöffnet
visitors-none-next = Wer im Shop den Chat öffnet, erscheint sofort hier. Öffnen Sie zum Ausprobieren den Shop in einem anderen Fenster und drücken Sie dort die Chat-Schaltfläche.
visitors-since = Hier seit
visitors-page = Seite:
visitors-silent = Hat noch nicht geschrieben
visitors-idle = Kein offener Chat
visitors-waits = Wartet
visitors-talks = Im Chat mit { $name }
visitors-open = Chat öffnen
visitors-past = { $count ->
    [one] { $count } früheres Gespräch
   *[other] { $count } frühere Gespräche
}
visitors-write = Zuerst schreiben
visitors-left = Dieser Besucher ist gegangen.
visitors-first = An { $name } schreiben
visitors-first-means = Der Chat gehört vom ersten Wort an Ihnen und nimmt einen Ihrer Plätze. Das offene Fenster des Besuchers zeigt ihn sofort.
visitors-team = Für das Team
visitors-send = Senden und Chat öffnen
visitors-taken = { $name } ist inzwischen im Chat mit diesem Besucher. Ihr Text wurde nicht gesendet.
visitors-wrote = Der Besucher hat inzwischen selbst geschrieben und wartet auf Antwort. Ihr Text wurde nicht gesendet.
refused-you-are-offline-choose-another-status-first-then-write = Sie sind offline. Wählen Sie zuerst einen anderen Status, dann schreiben Sie.
refused-you-are-in-no-team-of-this-shop-ask-to-be-added-to-one-first = Sie sind in keinem Team dieses Shops. Bitten Sie zuerst darum, in eines aufgenommen zu werden.
refused-this-visitor-has-left-nobody-would-read-it-now = Dieser Besucher ist gegangen: Niemand würde es jetzt lesen.
refused-all-your-places-are-taken-or-all-of-your-team-close-or-transfer-a-chat-first = Alle Ihre Plätze sind belegt, oder alle Ihres Teams. Schließen oder übergeben Sie zuerst einen Chat.
refused-this-shopper-may-not-come-in-any-more-nobody-would-read-it = Dieser Kunde darf nicht mehr herein: Niemand würde es lesen.
reason-wrote-first = hat zuerst geschrieben
refused-you-are-not-in-this-team-any-more-choose-another-one = Sie sind nicht mehr in diesem Team. Wählen Sie ein anderes.
