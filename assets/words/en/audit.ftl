# What was changed.
audit-title = Changes
audit-lead = What was changed, by whom and when, from what to what: shops, teams, people, what everybody uses, blocks. Kept for two years.
audit-by = Who
audit-anybody = Anybody
audit-what = What
audit-anything = Anything
audit-show = Show
audit-none = Nothing was changed
audit-none-next = Whatever owners and supervisors change stands here from then on.
audit-nobody = The command line
audit-older = Older
audit-added = added
audit-changed = changed
audit-removed = removed
audit-site = Shop
audit-team = Team
audit-member = Member of a team
audit-person = Person
audit-tag = Tag
audit-canned = Ready reply
audit-macro = Macro
audit-orders = Orders
audit-block = Block
audit-webhook = Webhook
audit-changes = { $count ->
        [one] { $count } field
       *[other] { $count } fields
    }
