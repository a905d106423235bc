wall-lead = Wer wartet, wer da ist, wie der Tag läuft.
wall-tv = Für einen großen Bildschirm
wall-waiting = Wartend
wall-waiting-note = Kunden in der Schlange
wall-longest = Längste Wartezeit
wall-no-target = kein Ziel gesetzt
wall-target = Ziel { $time }
wall-chatting = Im Chat
wall-chatting-note = Chats mit einem Mitarbeiter
wall-others = { $busy } beschäftigt · { $away } abwesend · { $offline } offline
wall-answer = Erste Antwort
wall-answer-note = p50 / p90 von { $count } heute
wall-abandoned = Abgebrochen
wall-abandoned-note = { $part } von { $whole }, die heute warteten
wall-csat = Zufriedenheit
wall-csat-note = { $part } von { $whole } gaben heute 4 oder 5
wall-no-team = Kein Team
wall-on-target = im Ziel
wall-close = nahe am Ziel
wall-over = über dem Ziel
wall-teams-none = Es gibt noch kein Team.
wall-team = Team
wall-free = Freie Plätze
wall-agents = Mitarbeiter
wall-agents-none = Noch arbeitet hier niemand.
wall-since = seit
wall-by = von { $name }
wall-idle = untätig
wall-unanswered = unbeantwortet
person-status = Status
person-set-to = Setzen auf
person-set-means = Die Person sieht sofort, dass Sie es waren.
person-hands-over = { $chats ->
        [0] Offline gibt nichts in die Warteschlange zurück.
        [one] Offline gibt ihren Chat in die Warteschlange zurück.
       *[other] Offline gibt ihre { $chats } Chats in die Warteschlange zurück.
    }
person-set = Setzen
person-chats = Chats
person-no-chats = Gerade keine.
person-watch = Zusehen
person-watch-whose = Chat mit { $name }
person-whisper = Flüstern
person-whisper-whose = über { $name }
person-join = Mitschreiben
person-give-to = Geben an …
person-give-whose = jemand anderen: { $name }
person-give = Geben
