offers-title = محادثات معروضة عليك
offer-asks = يطلب { $name } منك أن تتولى
offer-waiting = ينتظر
offer-accept = قبول
offer-decline = رفض
offer-came = وصلتك محادثة جديدة.
offer-given = حوّل { $name } إليك محادثة.
offer-given-why = حوّل { $name } إليك محادثة: { $why }
