status-available = Verfügbar
status-busy = Beschäftigt
status-away = Abwesend
status-offline = Offline
status-available-means = Neue Chats kommen zu Ihnen
status-busy-means = Keine neuen Chats; Sie behalten Ihre
status-away-means = Nicht am Platz; Sie behalten Ihre
status-offline-means = Ihre Schicht endet
status-yours = Ihr Status:
status-keep = Behalten
status-since = { $status } seit
status-set-by = gesetzt von { $name }
status-hand-over = { $chats ->
        [0] Sie haben keine Chats abzugeben.
        [one] Ihr Chat geht an seinen alten Platz in der Warteschlange zurück.
       *[other] Ihre { $chats } Chats gehen an ihre alten Plätze in der Warteschlange zurück.
    }
status-go-offline = Offline gehen
status-reason = Grund
status-if-you-like = wenn Sie möchten
status-break = Pause
status-lunch = Mittagessen
status-meeting = Besprechung
status-training = Schulung
status-set-for-you = { $name } hat Sie auf „{ $status }“ gesetzt.
status-set-for-you-why = { $name } hat Sie auf „{ $status }“ gesetzt: { $reason }.
status-not-here = Nicht da
