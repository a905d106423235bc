// Names of methods and properties that the panel alone speaks among its own modules: the build shortens them. Only what
// is never on the wire, never stored, never in a message between frames or tabs, never looked up by a string, and no
// browser's name belongs here; the build refuses the last.

export const ours = `
  again answer ask awayForm backToChat begin canRecall caughtUp clockSkew closedAt composer dismiss earlier endedCard
  hear header instead isEmpty isFull isOwed isReading keep lose markedElsewhere older outbox overStream owesFocus
  placeFor press pump quietUntil reading record refuse rests retryMs setMuted settle settled showEarlier tell toEnd
  trouble want wantsTicket
`
  .trim()
  .split(/\s+/);
