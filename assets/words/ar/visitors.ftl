# الزوار: من في المتجر ونافذة المحادثة مفتوحة لديه.
nav-visitors = الزوار
keys-visitors = الانتقال إلى الزوار
visitors-means = من فتح نافذة المحادثة في المتجر الآن، الأحدث أولًا. من يتصفح المتجر فحسب لا يُتتبَّع ولا يظهر هنا.
visitors-site = المتجر
visitors-all-sites = كل المتاجر
visitors-show = عرض
visitors-count = { $count ->
    [zero] لا زوار
    [one] زائر واحد
    [two] زائران
    [few] { $count } زوار
    [many] { $count } زائرًا
   *[other] { $count } زائر
}
visitors-at-least = { $count ->
    [zero] لا زوار معروفون
    [one] زائر واحد على الأقل
    [two] زائران على الأقل
    [few] { $count } زوار على الأقل
    [many] { $count } زائرًا على الأقل
   *[other] { $count } زائر على الأقل
}
visitors-cut = يظهر أحدث { $count } منهم.
visitors-none = لم يفتح أحد نافذة المحادثة
visitors-none-next = من يفتح نافذة المحادثة في المتجر يظهر هنا فورًا. للتجربة افتح المتجر في نافذة أخرى واضغط زر المحادثة.
visitors-since = هنا منذ
visitors-page = الصفحة:
visitors-silent = لم يكتب بعد
visitors-idle = لا محادثة مفتوحة
visitors-waits = ينتظر
visitors-talks = في محادثة مع { $name }
visitors-open = فتح المحادثة
visitors-past = { $count ->
    [zero] لا محادثات سابقة
    [one] محادثة سابقة واحدة
    [two] محادثتان سابقتان
    [few] { $count } محادثات سابقة
    [many] { $count } محادثة سابقة
   *[other] { $count } محادثة سابقة
}
visitors-write = اكتب أولًا
visitors-left = غادر هذا الزائر.
visitors-first = الكتابة إلى { $name }
visitors-first-means = تكون المحادثة لك من أول كلمة وتشغل أحد أماكنك. وتظهر فورًا في نافذته المفتوحة.
visitors-team = للفريق
visitors-send = إرسال وفتح المحادثة
visitors-taken = { $name } في محادثة معه الآن. لم يُرسل نصك.
visitors-wrote = كتب الزائر بنفسه في هذه الأثناء وينتظر الرد. لم يُرسل نصك.
refused-you-are-offline-choose-another-status-first-then-write = أنت غير متصل. اختر حالة أخرى أولًا ثم اكتب.
refused-you-are-in-no-team-of-this-shop-ask-to-be-added-to-one-first = لست في أي فريق لهذا المتجر. اطلب أولًا أن تُضاف إلى أحدها.
refused-this-visitor-has-left-nobody-would-read-it-now = غادر هذا الزائر: لن يقرأه أحد الآن.
refused-all-your-places-are-taken-or-all-of-your-team-close-or-transfer-a-chat-first = كل أماكنك مشغولة، أو كل أماكن فريقك. أغلق محادثة أو حوّلها أولًا.
refused-this-shopper-may-not-come-in-any-more-nobody-would-read-it = لم يعد يُسمح لهذا المتسوّق بالدخول: لن يقرأه أحد.
reason-wrote-first = كتب أولًا
refused-you-are-not-in-this-team-any-more-choose-another-one = لم تعد في هذا الفريق. اختر فريقًا آخر.
