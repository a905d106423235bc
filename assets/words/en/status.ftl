# What somebody is to others, and the menu in which they say it.
status-available = Available
status-busy = Busy
status-away = Away
status-offline = Offline
status-available-means = New chats come to you
status-busy-means = No new chats; you keep yours
status-away-means = Not at the desk; you keep yours
status-offline-means = Your shift ends
status-yours = Your status:
status-keep = Keep
status-since = { $status } since
status-set-by = set by { $name }
status-hand-over = { $chats ->
        [0] You have no chats to hand over.
        [one] Your chat goes back to the queue, at its old place.
       *[other] Your { $chats } chats go back to the queue, each at its old place.
    }
status-go-offline = Go offline
status-reason = Reason
status-if-you-like = if you like
status-break = Break
status-lunch = Lunch
status-meeting = Meeting
status-training = Training
status-set-for-you = { $name } set you to { $status }.
status-set-for-you-why = { $name } set you to { $status }: { $reason }.
status-not-here = Not here
