# What was changed.
audit-title = Änderungen
audit-lead = Was geändert wurde, von wem und wann, von was zu was: Läden, Teams, Leute, was alle benutzen, Sperren. Zwei Jahre lang aufgehoben.
audit-by = Wer
audit-anybody = Irgendwer
audit-what = Was
audit-anything = Irgendwas
audit-show = Zeigen
audit-none = Nichts wurde geändert
audit-none-next = Was Inhaber und Teamleiter ändern, steht ab dann hier.
audit-nobody = Die Befehlszeile
audit-older = Ältere
audit-added = hinzugefügt
audit-changed = geändert
audit-removed = entfernt
audit-site = Laden
audit-team = Team
audit-member = Mitglied eines Teams
audit-person = Person
audit-tag = Etikett
audit-canned = Textbaustein
audit-macro = Makro
audit-orders = Bestellungen
audit-block = Sperre
audit-webhook = Webhook
audit-changes = { $count ->
        [one] { $count } Feld
       *[other] { $count } Felder
    }
