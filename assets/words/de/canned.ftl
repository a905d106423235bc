nav-canned = Bausteine
canned-title = Textbausteine
canned-lead = Tippen Sie beim Schreiben einen Schrägstrich und ein paar Buchstaben des Kürzels oder des Textes.
canned-none = Kein Baustein dieses Namens
canned-empty = Noch keine.
canned-new = Neuer Baustein
canned-shortcut = Kürzel
canned-shortcut-means = ein Wort, ohne Schrägstrich
canned-scope = Wer ihn verwenden darf
canned-for-me = Nur ich
canned-for-all = Alle dieser Website
canned-text = Text
canned-text-more = noch eine Sprache, wenn Sie möchten
canned-variables = Das wird beim Einfügen ausgefüllt:
canned-remove = Baustein löschen
canned-remove-means = Gesendete Nachrichten bleiben, wie sie sind.
canned-taken = Diesen Kürzel gibt es schon. Wählen Sie einen anderen.
canned-full = Diese Website hat 2.000 Bausteine, mehr dürfen es nicht sein. Löschen Sie erst einen.
canned-no-shortcut = Geben Sie ihm ein Kürzel: ein Wort, das Sie nach dem Schrägstrich tippen.
canned-no-scope = Wählen Sie, wer ihn verwenden darf. Gemeinsames ändern Teamleiter.
canned-no-text = Schreiben Sie den Text in wenigstens einer Sprache.
canned-too-long = Ein Text darf 8.000 Zeichen haben. Kürzen Sie ihn.
canned-unknown = Ein Name in geschweiften Klammern ist keiner von denen unten, also würde nichts dafür eingesetzt. Berichtigen Sie ihn.
canned-twice = Jede Sprache darf einen Text haben.
canned-files = Dateien
canned-drop = Entfernen:
canned-add-files = Dateien hinzufügen
canned-files-mean = bis zu { $most } gehen mit der Antwort
canned-too-many-files = So viele Dateien nimmt eine Nachricht nicht. Entfernen Sie einige.
canned-with-files = { $count ->
    [one] mit { $count } Datei
   *[other] mit { $count } Dateien
}
