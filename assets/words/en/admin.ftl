# What the owners' pages share, the people who work here, and letters that did not arrive.
save = Save
copy = Copy
form-saved = Saved.
form-not-saved = Nothing was saved yet: some fields need another look.
form-name = Name
mistake-number = Write a whole number from { $least } to { $most }.
mistake-one-of-two = Choose one of the two.
mistake-one-of-three = Choose one of the three.
mistake-one-of-list = Choose one of the list.
mistake-skill-long = “{ $skill }” is too long: a skill has at most { $most } characters.
mistake-skills = Name at most { $most } skills, separated by commas.
site-nav = Of this site
site-settings = Settings
site-widget = Widget
site-routing = Routing
site-files = Files
site-check = Check
sites-lead = Each shop has its own widget, teams and shoppers.
sites-people = {" "}work for one or several.
sites-none = No site yet
sites-origins = { $count ->
        [one] { $count } origin
       *[other] { $count } origins
    }
chats-at-once = Chats at once
crew-title = People
crew-lead = Who works here. Which teams they are in is set with each team.
crew-chats = { $count ->
        [one] { $count } chat
       *[other] { $count } chats
    }
crew-role = Role
crew-no-teams = none
crew-name-hint = shoppers read it
crew-capacity-hint = 0 takes none from the line
crew-languages = Languages they answer in
crew-languages-hint = such as en, de, zh-CN; empty is any
crew-mistake-person = Give them the name that shoppers read.
crew-mistake-language = “{ $tag }” is not a language: write codes such as en, de or zh-CN, separated by commas.
crew-mistake-languages = Name at most { $most } languages.
teams-title = Teams, { $site }
crew-none = No team yet
crew-none-next = Agents work in teams: without one nobody can be given this shop's chats.
crew-size = { $count ->
        [one] { $count } person
       *[other] { $count } people
    }
crew-at-most = { $count ->
        [one] at most { $count } chat
       *[other] at most { $count } chats
    }
crew-own-hours-chip = own hours
crew-add-title = Add a team
crew-add = Add
crew-team = Team
crew-team-name-hint = shoppers may choose it
crew-chats-max-hint = of the whole team; 0 no limit
crew-helped-by = Helped by
crew-helped-by-hint = takes this team's chats too
crew-nobody = Nobody
crew-after = After a wait of
crew-after-hint = such as 90 s or 2 min
crew-never = Never
crew-members = Members
crew-skills-means = Skills are separated by commas.
crew-carries = What each person carries and speaks
crew-carries-holds = {" "}holds in every team.
crew-skills = Skills
crew-skills-of = Skills of { $name }
crew-hours = Hours
crew-own-hours = This team has hours of its own
crew-own-hours-means = Otherwise the shop's hold, and what stands below is not kept.
crew-mistake-taken = Another team of this shop has that name.
crew-mistake-name = Give the team a name, such as Orders; shoppers may choose it.
crew-mistake-other = Choose another team of this shop.
crew-mistake-helper = Choose who helps out, or leave the time empty.
crew-mistake-after = Write after which wait they help, from 5 s to 24 h, such as 90 s or 2 min.
letters-none-wait = Nothing waits to be sent.
letters-waiting = { $count } on the way.
letters-lead = Letters that could not be delivered stay here until you try again.
letters-none = Every letter arrived
letters-none-next = If a mail server refuses a letter for good, it appears here with the reason.
letter-to = to
letter-no-reason = No reason was given.
letter-attempts = { $count ->
        [one] { $count } attempt
       *[other] { $count } attempts
    }
letter-retry = Try again
letter-transcript = Transcript
letter-ticket-opened = Ticket opened
letter-ticket-reply = Ticket reply
letter-place = Turn in line
letter-answers = Answers to somebody who left
letter-unseen = What an agent has not seen
