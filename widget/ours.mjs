// Names of methods and properties that the panel alone speaks among its own modules: the build shortens them. Only what
// is never on the wire, never stored, never in a message between frames or tabs and never looked up by a string belongs
// here, and what no browser has; the build refuses the rest.

const names = (text) => text.trim().split(/\s+/);

export const ours = names(`
  again answer ask backToChat begin canRecall caughtUp clockSkew closedAt composer dismiss earlier hear holds isEmpty
  isFull isNews isOwed isReady isReading keep lose markedElsewhere older outbox press pump reading record refuse
  rests retryMs setMuted settle settled tell toEnd tray trouble want wantsTicket
`);

// Browsers have these as well, in places that the panel never goes to.
export const shared = names(`
  adopt cast changed cursor draw emit fit host isOpen link messages muted paused pending restart session wake
`);
