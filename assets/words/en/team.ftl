# Who is here, and how much each one carries.
team-lead = Who is here, and how many chats each one has.
team-nobody = Nobody works for this site yet.
team-load = { $chats } of { $capacity }
team-chats-of = Chats of { $name }
team-none = You are in no team yet
team-none-next = An admin can add you to one.
role-agent = agent
role-supervisor = supervisor
role-admin = admin
