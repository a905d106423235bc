// Names of methods and properties that the panel alone speaks among its own modules: the build shortens them. Only what
// is never on the wire, never stored, never in a message between frames or tabs and never looked up by a string belongs
// here, and what no browser has; the build refuses the rest.

const names = (text) => text.trim().split(/\s+/);

export const ours = names(`
  again answer backToChat bar begin canRecall caughtUp chat closedAt composer desk dismiss drawn earlier hear holds isAsked
  isEmpty isFull isNews isOwed isReady keep look lose markedElsewhere nav older outbox placed press pump reading record refuse
  mayReopen remark rests retryMs setMuted settle settled tell toEnd tray trouble want wantsTicket
`);

// Browsers have these as well, in places that the panel never goes to.
export const shared = names(`
  about adopt cast changed cursor day draw drop emit empty file fit follow hide host insert isOpen link mark messages muted
  note paused pending request restart restore retry session take update wake write
`);
