offers-title = Ihnen angebotene Chats
offer-asks = { $name } bittet Sie zu übernehmen
offer-waiting = Wartet
offer-accept = Annehmen
offer-decline = Ablehnen
offer-came = Ein neuer Chat ist bei Ihnen.
offer-given = { $name } hat Ihnen einen Chat übergeben.
offer-given-why = { $name } hat Ihnen einen Chat übergeben: { $why }
