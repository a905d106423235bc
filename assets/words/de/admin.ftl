save = Speichern
copy = Kopieren
form-saved = Gespeichert.
form-not-saved = Es wurde noch nichts gespeichert: Einige Felder müssen Sie noch einmal ansehen.
form-name = Name
mistake-number = Schreiben Sie eine ganze Zahl von { $least } bis { $most }.
mistake-one-of-two = Wählen Sie eines der beiden.
mistake-one-of-three = Wählen Sie eines der drei.
mistake-one-of-list = Wählen Sie einen Eintrag der Liste.
mistake-skill-long = „{ $skill }“ ist zu lang: Eine Fähigkeit hat höchstens { $most } Zeichen.
mistake-skills = Nennen Sie höchstens { $most } Fähigkeiten, durch Kommas getrennt.
site-nav = Zu dieser Website
site-settings = Einstellungen
site-widget = Chatfenster
site-routing = Verteilung
site-files = Dateien
site-check = Prüfung
sites-lead = Jeder Shop hat sein eigenes Chatfenster, eigene Teams und Kunden.
sites-people = {" "}arbeiten für einen oder mehrere.
sites-none = Noch keine Website
sites-origins = { $count ->
        [one] { $count } Ursprung
       *[other] { $count } Ursprünge
    }
chats-at-once = Chats zugleich
crew-title = Personen
crew-lead = Wer hier arbeitet. In welchen Teams jemand ist, legen Sie beim jeweiligen Team fest.
crew-chats = { $count ->
        [one] { $count } Chat
       *[other] { $count } Chats
    }
crew-role = Rolle
crew-no-teams = keine
crew-name-hint = Kunden lesen ihn
crew-capacity-hint = 0 nimmt nichts aus der Warteschlange
crew-languages = Sprachen, in denen sie antworten
crew-languages-hint = etwa en, de, zh-CN; leer heißt jede
crew-mistake-person = Geben Sie den Namen an, den Kunden lesen.
crew-mistake-language = „{ $tag }“ ist keine Sprache: Schreiben Sie Kürzel wie en, de oder zh-CN, durch Kommas getrennt.
crew-mistake-languages = Nennen Sie höchstens { $most } Sprachen.
teams-title = Teams, { $site }
crew-none = Noch kein Team
crew-none-next = Mitarbeiter arbeiten in Teams: Ohne eines kann niemand die Chats dieses Shops bekommen.
crew-size = { $count ->
        [one] { $count } Person
       *[other] { $count } Personen
    }
crew-at-most = { $count ->
        [one] höchstens { $count } Chat
       *[other] höchstens { $count } Chats
    }
crew-own-hours-chip = eigene Zeiten
crew-add-title = Team anlegen
crew-add = Anlegen
crew-team = Das Team
crew-team-name-hint = Kunden können es wählen
crew-chats-max-hint = des ganzen Teams; 0 ohne Grenze
crew-helped-by = Hilfe durch
crew-helped-by-hint = nimmt auch die Chats dieses Teams
crew-nobody = Niemand
crew-after = Nach einer Wartezeit von
crew-after-hint = etwa 90 s oder 2 min
crew-never = Nie
crew-members = Mitglieder
crew-skills-means = Fähigkeiten werden durch Kommas getrennt.
crew-carries = Wie viel jede Person übernimmt und welche Sprachen sie spricht
crew-carries-holds = , gilt in jedem Team.
crew-skills = Fähigkeiten
crew-skills-of = Fähigkeiten von { $name }
crew-hours = Zeiten
crew-own-hours = Dieses Team hat eigene Zeiten
crew-own-hours-means = Sonst gelten die des Shops, und was unten steht, wird nicht gespeichert.
crew-mistake-taken = Ein anderes Team dieses Shops heißt schon so.
crew-mistake-name = Geben Sie dem Team einen Namen, etwa Bestellungen; Kunden können es wählen.
crew-mistake-other = Wählen Sie ein anderes Team dieses Shops.
crew-mistake-helper = Wählen Sie, wer hilft, oder lassen Sie die Zeit leer.
crew-mistake-after = Schreiben Sie, nach welcher Wartezeit geholfen wird, von 5 s bis 24 h, etwa 90 s oder 2 min.
letters-none-wait = Nichts wartet darauf, gesendet zu werden.
letters-waiting = { $count } unterwegs.
letters-lead = Briefe, die nicht zugestellt werden konnten, bleiben hier, bis Sie es erneut versuchen.
letters-none = Jeder Brief ist angekommen
letters-none-next = Wenn ein Mailserver einen Brief endgültig ablehnt, erscheint er hier mit dem Grund.
letter-to = an
letter-no-reason = Es wurde kein Grund genannt.
letter-attempts = { $count ->
        [one] { $count } Versuch
       *[other] { $count } Versuche
    }
letter-retry = Erneut versuchen
letter-transcript = Gesprächsprotokoll
letter-ticket-opened = Ticket eröffnet
letter-ticket-reply = Antwort zum Ticket
letter-place = An der Reihe
letter-answers = Antworten an jemanden, der gegangen ist
letter-unseen = Was jemand vom Team nicht gesehen hat
