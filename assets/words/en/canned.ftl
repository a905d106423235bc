# Replies that are ready.
nav-canned = Replies
canned-title = Ready replies
canned-lead = Type a slash where you write, and a few letters of the shortcut or of the text.
canned-none = No reply of this name
canned-empty = None yet.
canned-new = New reply
canned-shortcut = Shortcut
canned-shortcut-means = one word, without the slash
canned-scope = Who may use it
canned-for-me = Only me
canned-for-all = Everybody of this site
canned-text = Text
canned-text-more = one more language, if you like
canned-variables = These are filled in when the reply is taken:
canned-remove = Delete this reply
canned-remove-means = Messages that were sent stay as they are.
canned-taken = There is a reply of this shortcut already. Choose another.
canned-full = This site has 2,000 replies, which is as many as it may. Delete one first.
canned-no-shortcut = Give it a shortcut: one word that you type after the slash.
canned-no-scope = Choose who may use it. What is shared is a supervisor's to change.
canned-no-text = Write its text in one language at least.
canned-too-long = A text may have 8,000 characters. Shorten it.
canned-unknown = A name in braces is none of those below, so nothing would stand in for it. Correct it.
canned-twice = Each language may have one text.
canned-files = Files
canned-drop = Take off
canned-add-files = Add files
canned-files-mean = up to { $most } go with the reply
canned-too-many-files = With this many files it would be more than one message takes. Take some off.
canned-with-files = { $count ->
    [one] with { $count } file
   *[other] with { $count } files
}
