# Sortieren: Schlagwörter, Dringlichkeit, Listen, Zurückstellen, mehrere auf einmal.
keys-tag = Schlagwort hinzufügen
view-snoozed = Zurückgestellt
empty-snoozed = Nichts zurückgestellt
empty-snoozed-next = Chats, die Sie zurückstellen, warten hier und kommen von selbst wieder.
empty-filtered = Kein Gespräch passt zu diesen Filtern
filter-clear = Filter aufheben
filter-any = Alle
filter-tag = Schlagwort
filter-team = Team
filter-site = Shop
filter-unread = Nur ungelesene
filter-unassigned = Bei niemandem
filter-apply = Anzeigen
filter-active = Aktive Sortierung und Filter
filter-remove = (entfernen)
filter-gone = Nicht mehr vorhanden
sort-and-filter = Sortieren und filtern
sort-by = Sortieren nach
sort-own = Reihenfolge der Liste
sort-oldest = Älteste Nachricht zuerst
sort-newest = Neueste Nachricht zuerst
sort-priority = Höchste Dringlichkeit zuerst
sort-due = Zuerst fällige
list-cut = Die ersten { $count } werden gezeigt. Filtern Sie, um andere zu sehen.
list-held = { $count ->
    [one] { $count } Änderung
   *[other] { $count } Änderungen
}
tag-add = Schlagwort
tag-add-this = Hinzufügen
tag-which = Schlagwort hinzufügen
tag-remove = (Schlagwort entfernen)
tag-none-left = Es gibt kein weiteres Schlagwort.
tag-manage = Schlagwörter verwalten
tags-title = Schlagwörter
tags-means = Aus diesen wählen die Mitarbeiter. Wird eines entfernt, verschwindet es von allen Gesprächen.
tags-none = Noch keine Schlagwörter.
tags-name = Name
tags-new = Neues Schlagwort
tags-color = Farbe
tags-add = Hinzufügen
tags-save = Speichern
tags-remove = Entfernen
tags-uses = { $count ->
    [0] nicht verwendet
    [one] an { $count } Gespräch
   *[other] an { $count } Gesprächen
}
tags-bad-name = Ein Schlagwort hat einen Namen von bis zu 40 Zeichen.
tags-name-taken = Dieser Shop hat schon ein Schlagwort mit diesem Namen.
tags-too-many = Ein Shop kann 200 Schlagwörter haben. Entfernen Sie zuerst eines.
tags-gone = Dieses Schlagwort wurde inzwischen entfernt.
color-0 = Blau
color-1 = Orange
color-2 = Grün
color-3 = Violett
color-4 = Grau
color-5 = Rot
priority = Dringlichkeit
priority-low = Niedrig
priority-normal = Normal
priority-high = Hoch
priority-vip = Dringend
snooze = Zurückstellen
snoozed-until = Zurückgestellt bis
snooze-end = Jetzt wieder aufnehmen
snooze-hour = Für eine Stunde
snooze-tomorrow = Bis morgen, 9:00
snooze-week = Bis Montag, 9:00
snooze-at = Oder bis
snooze-until-then = Bis dahin zurückstellen
woken-call = Ein zurückgestellter Chat ist wieder da.
trace-tagged = { $name } hat das Schlagwort „{ $tag }“ hinzugefügt
trace-untagged = { $name } hat das Schlagwort „{ $tag }“ entfernt
trace-priority = { $name } hat die Dringlichkeit gesetzt: { $class }
trace-snoozed = { $name } hat dies zurückgestellt bis
trace-woken-time = Wieder da: Die Zeit, bis zu der zurückgestellt war, ist gekommen
trace-woken-shopper = Wieder da: Der Kunde hat geschrieben
trace-woken-hand = { $name } hat das Zurückstellen beendet
refused-a-conversation-may-have-twenty-tags-remove-one-first = Ein Gespräch kann zwanzig Schlagwörter haben. Entfernen Sie zuerst eines.
refused-there-is-no-such-tag-any-more = Dieses Schlagwort gibt es nicht mehr.
refused-choose-a-time-that-is-still-to-come-within-a-year = Wählen Sie einen künftigen Zeitpunkt innerhalb eines Jahres.
refused-choose-a-tag = Wählen Sie ein Schlagwort.
refused-choose-a-priority = Wählen Sie eine Dringlichkeit.
refused-choose-until-when = Wählen Sie, bis wann.
