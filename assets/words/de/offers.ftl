offers-title = Ihnen angebotene Chats
offer-asks = { $name } bittet Sie zu übernehmen
offer-waiting = Wartet
offer-accept = Annehmen
offer-decline = Ablehnen
offer-came = Ein neuer Chat ist bei Ihnen.
