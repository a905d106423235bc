# Was über Kunden bekannt ist: aushändigen, löschen, und wie lange es bleibt.
privacy-title = Datenschutz
privacy-lead = Was über Ihre Kunden bekannt ist: Händigen Sie es aus oder löschen Sie es, wenn jemand darum bittet, und legen Sie fest, wie lange es bleibt.
privacy-find = Jemand fragt nach seinen Daten
privacy-by = E-Mail-Adresse oder Kundennummer
privacy-look = Nachschlagen
privacy-find-means = Genau wie geschrieben, in allen Shops; auch wer den Chat geöffnet und nie geschrieben hat. Nach dem Namen suchen Sie unter
privacy-nobody = Hierunter ist niemand bekannt
privacy-nobody-next = Prüfen Sie die Schreibweise, fragen Sie nach einer anderen Adresse, oder suchen Sie nach dem Namen unter
privacy-keep-means = Gespräche, die länger zurückliegen, werden von selbst gelöscht, und mit ihnen alle, die sonst nichts haben.
privacy-days = { $count ->
        [one] { $count } Tag
       *[other] { $count } Tage
    }
privacy-for-good = Unbegrenzt
privacy-record = Ausgehändigt und gelöscht
privacy-record-means = Wann, durch wen und wie viel, nie wessen. Bleibt zwei Jahre.
privacy-record-none = Noch nichts
privacy-exported = Ausgehändigt
privacy-erased = Auf Wunsch gelöscht
privacy-aged = Nach Ablauf gelöscht
privacy-did-erase = Alles, was über diese Person bekannt war, ist gelöscht. Die Inhalte der Dateien folgen innerhalb einer Minute.
privacy-gone = Diese Person gibt es nicht mehr: Jemand hat sie schon gelöscht.
privacy-people = { $count ->
        [one] { $count } Kontakt
       *[other] { $count } Kontakte
    }
privacy-conversations = { $count ->
        [one] { $count } Gespräch
       *[other] { $count } Gespräche
    }
privacy-tickets = { $count ->
        [one] { $count } Ticket
       *[other] { $count } Tickets
    }
privacy-files = { $count ->
        [one] { $count } Datei
       *[other] { $count } Dateien
    }
privacy-letters = { $count ->
        [one] { $count } Brief
       *[other] { $count } Briefe
    }
privacy-of = Daten aushändigen oder löschen
privacy-their-page = Zu den Gesprächen
privacy-known = Was bekannt ist
privacy-no-email = Keine Adresse
privacy-merged = vom Team zusammengeführt
privacy-is-open = Diese Person hat gerade einen Chat offen. Wenn Sie sie löschen, endet er sofort, für sie und für Ihre Kollegin oder Ihren Kollegen.
privacy-is-blocked = Diese Person ist gesperrt. Mit dem Löschen endet die Sperre: Niemand könnte mehr sagen, wem sie galt.
privacy-export = Aushändigen
privacy-export-means = Eine Datei im Format JSON mit allem: wer sie ist, jedes Gespräch, jedes Ticket, jede Bewertung und jeder Brief. Links zu Dateien darin gelten einen Tag.
privacy-with-notes = Mit internen Notizen
privacy-with-notes-means = Auch was das Team über jemanden schreibt, sind dessen Daten.
privacy-export-do = Datei speichern
privacy-erase = Löschen
privacy-erase-means = Alles oben Genannte wird sofort und endgültig gelöscht, samt Notizen, Bewertungen und Dateien; wartende Briefe werden nicht verschickt. Berichte zählen diese Gespräche nicht mehr.
privacy-erase-stays = In Ihren Sicherungen bleibt es, bis diese gelöscht sind, ebenso bei allen, die Briefe oder Webhooks darüber bekommen haben. Wenn Sie eine Sicherung einspielen, löschen Sie erneut.
privacy-sure = Ich habe mich vergewissert. Das lässt sich nicht rückgängig machen.
privacy-mistake-sure = Setzen Sie das Häkchen, wenn Sie sich vergewissert haben; gelöscht wurde nichts.
privacy-changed = Inzwischen hat jemand Kontakte zusammengelegt oder getrennt. Prüfen Sie noch einmal, um wen es geht; gelöscht wurde niemand.
privacy-erase-do = Endgültig löschen
keeping-title = Wie lange Gespräche bleiben
keeping-means = Ein Gespräch, das länger zurückliegt, wird samt Dateien, Bewertungen und Notizen gelöscht, und mit ihm, wer kein anderes hat. Ein Ticket endet, wenn es gelöst ist. Was offen ist, bleibt. Berichte zählen Gelöschtes nicht mehr.
keeping-days = Tage
keeping-days-means = leer: unbegrenzt
keeping-doomed = { $count ->
        [one] { $count } Gespräch liegt länger zurück und wird in wenigen Minuten gelöscht.
        [100000] Mehr als { $count } Gespräche liegen länger zurück und werden bald gelöscht.
       *[other] { $count } Gespräche liegen länger zurück und werden in wenigen Minuten gelöscht.
    }
keeping-mistake-sure = Setzen Sie das Häkchen, wenn Sie das möchten; gespeichert wurde nichts.
keeping-more = Aushändigen und löschen, was über eine Person bekannt ist:
