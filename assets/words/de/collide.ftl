# Kolleginnen und Kollegen im selben Gespräch.
is-viewing = { $name } liest mit
is-replying = { $name } antwortet gerade
are-viewing-too = { $count ->
    [one] { $count } weitere Person liest mit
   *[other] { $count } weitere Personen lesen mit
}
mention-none = Niemand mit diesem Namen darf dieses Gespräch sehen.
mention-came = { $name } erwähnt Sie in einer Notiz
refused-a-colleague-has-answered-meanwhile-send-once-more-if-yours-is-still-wanted = Inzwischen hat jemand aus dem Team geantwortet. Senden Sie noch einmal, wenn Ihre Antwort weiterhin passt.
taken-back-by = Zurückgenommen von { $name }:
fate-seen = Der Kunde hat es gesehen
fate-got = Beim Kunden angekommen, aber noch nicht gesehen.
fate-unseen = Beim Kunden nicht angekommen, soweit bekannt.
fate-was-seen = Der Kunde hatte es gesehen:
correct = Berichtigen
correct-label = Ihre Nachricht, berichtigt
correct-means = Die alte wird im selben Augenblick zurückgenommen; der Kunde sieht, dass eine Nachricht zurückgenommen wurde.
correct-not = So lassen, wie sie war
correct-send = Berichtigt senden
keys-correct = Die letzte eigene Nachricht berichtigen (in einem leeren Feld)
refused-only-a-message-of-your-own-without-files-can-be-corrected-take-it-back-and-send-another = Nur eine eigene Nachricht ohne Dateien kann berichtigt werden. Nehmen Sie sie zurück und senden Sie eine andere.
