# What is known of customers: handing it out, erasing it, and how long it is kept.
privacy-title = Privacy
privacy-lead = What is known of your customers: hand it out or erase it when they ask, and say how long it is kept.
privacy-find = Somebody asks for their data
privacy-by = E-mail address or customer number
privacy-look = Look up
privacy-find-means = Exactly as it is written, in every shop; also who opened the chat and never wrote. By name, look among the
privacy-nobody = Nobody is known by this
privacy-nobody-next = Check the spelling, ask for another address they may have used, or look by name among the
privacy-keep-means = Conversations that ended longer ago are erased by themselves, with everybody who has nothing else.
privacy-days = { $count ->
        [one] { $count } day
       *[other] { $count } days
    }
privacy-for-good = For good
privacy-record = Handed out and erased
privacy-record-means = When, by whom and how much, never whose. Kept for two years.
privacy-record-none = Nothing yet
privacy-exported = Handed out
privacy-erased = Erased on request
privacy-aged = Erased by age
privacy-did-erase = Everything that was known of them is erased. The bytes of their files go within a minute.
privacy-gone = They are not there any more: somebody erased them before.
privacy-people = { $count ->
        [one] { $count } contact
       *[other] { $count } contacts
    }
privacy-conversations = { $count ->
        [one] { $count } conversation
       *[other] { $count } conversations
    }
privacy-tickets = { $count ->
        [one] { $count } ticket
       *[other] { $count } tickets
    }
privacy-files = { $count ->
        [one] { $count } file
       *[other] { $count } files
    }
privacy-letters = { $count ->
        [one] { $count } letter
       *[other] { $count } letters
    }
privacy-of = Hand out or erase their data
privacy-their-page = Their conversations
privacy-known = What is known
privacy-no-email = No address
privacy-merged = put together by the staff
privacy-is-open = They have a chat open right now. If you erase them, it ends at once, for them and for your colleague.
privacy-is-blocked = They are blocked. Erasing them lifts the block: nobody could tell who it was about.
privacy-export = Hand it out
privacy-export-means = One file in JSON with everything: who they are, every conversation, ticket, rating and letter. Links to files in it work for a day.
privacy-with-notes = With internal notes
privacy-with-notes-means = What the staff wrote about somebody is data about them too.
privacy-export-do = Save the file
privacy-erase = Erase them
privacy-erase-means = Everything listed above goes at once and for good, with notes, ratings and files; letters that wait are not sent. Reports count these conversations no more.
privacy-erase-stays = It stays in your backups until these are gone, and with whoever got letters or webhooks about it. If you restore a backup, erase them again.
privacy-sure = I have made sure. This cannot be undone.
privacy-mistake-sure = Tick the box if you have made sure; nothing was erased.
privacy-changed = Somebody put contacts together or apart meanwhile. Look again at who it is; nobody was erased.
privacy-erase-do = Erase for good
keeping-title = How long conversations are kept
keeping-means = A conversation that ended longer ago is erased with its files, ratings and notes, and so is whoever has no other. A ticket ends when it is solved. Whatever is open stays. Reports count what is erased no more.
keeping-days = Days
keeping-days-means = empty: for good
keeping-doomed = { $count ->
        [one] { $count } conversation ended longer ago than that and will be erased within minutes.
        [100000] More than { $count } conversations ended longer ago than that and will be erased soon.
       *[other] { $count } conversations ended longer ago than that and will be erased within minutes.
    }
keeping-mistake-sure = Tick the box if that is what you want; nothing was saved.
keeping-more = Handing out and erasing what is known of one person:
