palette-title = Finden
palette-commands = Befehle
palette-people = Gespräche
palette-staff = Kollegen
palette-none = Nichts dieses Namens
palette-count = { $count ->
        [one] Ein Treffer
       *[other] { $count } Treffer
    }
palette-be = Status „{ $status }“
palette-search = Alles nach „{ $text }“ durchsuchen
