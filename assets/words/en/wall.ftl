# The supervisor's wall, and the page of one person.
wall-lead = Who waits, who is here, how the day goes.
wall-tv = For a big screen
wall-waiting = Waiting
wall-waiting-note = shoppers in line
wall-longest = Longest wait
wall-no-target = no target set
wall-target = target { $time }
wall-chatting = Chatting
wall-chatting-note = chats with an agent
wall-others = { $busy } busy · { $away } away · { $offline } offline
wall-answer = First response
wall-answer-note = p50 / p90 of { $count } today
wall-abandoned = Abandoned
wall-abandoned-note = { $part } of { $whole } who waited today
wall-csat = CSAT
wall-csat-note = { $part } of { $whole } rated 4 or 5 today
wall-no-team = No team
wall-on-target = on target
wall-close = close to target
wall-over = over target
wall-teams-none = There is no team yet.
wall-team = Team
wall-free = Free places
wall-agents = Agents
wall-agents-none = Nobody works here yet.
wall-since = since
wall-by = by { $name }
wall-idle = idle
wall-unanswered = unanswered
person-status = Status
person-set-to = Set to
person-set-means = They see at once that it was you.
person-hands-over = { $chats ->
        [0] Offline hands nothing back to the queue.
        [one] Offline hands their chat back to the queue.
       *[other] Offline hands their { $chats } chats back to the queue.
    }
person-set = Set
person-chats = Chats
person-no-chats = None at the moment.
person-watch = Watch
person-watch-whose = the chat with { $name }
person-whisper = Whisper
person-whisper-whose = about { $name }
person-join = Join
person-give-to = Give to…
person-give-whose = somebody else: { $name }
person-give = Give
person-give-label = Give to
