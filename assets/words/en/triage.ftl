# Sorting: tags, priority, lists, sleep, several at once.
keys-tag = Add a tag
view-snoozed = Snoozed
empty-snoozed = Nothing is snoozed
empty-snoozed-next = Chats that you snooze wait here and come back by themselves.
empty-filtered = No conversation fits these filters
filter-clear = Clear the filters
filter-any = Any
filter-tag = Tag
filter-team = Team
filter-site = Shop
filter-unread = Unread only
filter-unassigned = With nobody
filter-apply = Show
filter-active = Sort and filters in use
filter-remove = (remove)
filter-gone = No longer there
sort-and-filter = Sort and filter
sort-by = Sort by
sort-own = The list's own order
sort-oldest = Oldest message first
sort-newest = Newest message first
sort-priority = Highest priority first
sort-due = Due first
list-cut = The first { $count } are shown. Filter to see others.
list-held = { $count ->
    [one] { $count } update
   *[other] { $count } updates
}
tag-add = Tag
tag-add-this = Add tag
tag-which = Add a tag
tag-remove = (remove the tag)
tag-none-left = There is no further tag.
tag-manage = Manage tags
tags-title = Tags
tags-means = Agents choose among these. Removing one takes it off every conversation.
tags-none = No tags yet.
tags-name = Name
tags-new = New tag
tags-color = Colour
tags-add = Add
tags-save = Save
tags-remove = Remove
tags-uses = { $count ->
    [0] not used
    [one] on { $count } conversation
   *[other] on { $count } conversations
}
tags-bad-name = A tag has a name of up to 40 characters.
tags-name-taken = This shop has a tag of that name already.
tags-too-many = A shop may have 200 tags. Remove one first.
tags-gone = Somebody removed this tag meanwhile.
color-0 = Blue
color-1 = Orange
color-2 = Green
color-3 = Violet
color-4 = Grey
color-5 = Red
priority = Priority
priority-low = Low
priority-normal = Normal
priority-high = High
priority-vip = Urgent
snooze = Snooze
snoozed-until = Snoozed until
snooze-end = End the snooze now
snooze-hour = For one hour
snooze-tomorrow = Until tomorrow, 9:00
snooze-week = Until Monday, 9:00
snooze-at = Or until
snooze-until-then = Snooze until then
woken-call = A snoozed chat is back.
trace-tagged = { $name } added the tag “{ $tag }”
trace-untagged = { $name } removed the tag “{ $tag }”
trace-priority = { $name } set the priority: { $class }
trace-snoozed = { $name } snoozed this until
trace-woken-time = Back: the time it was snoozed until has come
trace-woken-shopper = Back: the shopper wrote
trace-woken-hand = { $name } ended the snooze
refused-a-conversation-may-have-twenty-tags-remove-one-first = A conversation may have twenty tags. Remove one first.
refused-there-is-no-such-tag-any-more = There is no such tag any more.
refused-choose-a-time-that-is-still-to-come-within-a-year = Choose a time that is still to come, within a year.
refused-choose-a-tag = Choose a tag.
refused-choose-a-priority = Choose a priority.
refused-choose-until-when = Choose until when.
