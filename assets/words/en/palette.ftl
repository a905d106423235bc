# Find a person, a conversation, a command.
palette-title = Find
palette-commands = Commands
palette-people = Conversations
palette-staff = Colleagues
palette-none = Nothing of this name
palette-count = { $count ->
        [one] One found
       *[other] { $count } found
    }
palette-be = Be { $status }
palette-search = Search everything for “{ $text }”
