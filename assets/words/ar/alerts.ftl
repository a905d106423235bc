# Being called while nobody looks at the console, and the console as an app of its own.
alert-message = { $name } يكتب لك
alert-message-plain = متسوّق يكتب لك
alert-offer = محادثة ترنّ: { $name }
alert-offer-plain = محادثة ترنّ
alert-plain = هناك ما ينتظرك في Deskbell
alert-mail-chats = { $count ->
        [one] محادثة واحدة تنتظرك
        [two] محادثتان تنتظرانك
        [few] { $count } محادثات تنتظرك
       *[other] { $count } محادثة تنتظرك
    }
alert-mail-notes = { $count ->
        [one] يناديك زملاؤك في موضع واحد
        [two] يناديك زملاؤك في موضعين
        [few] يناديك زملاؤك في { $count } مواضع
       *[other] يناديك زملاؤك في { $count } موضعًا
    }
alert-mail-chat = محادثة
alert-mail-note = ملاحظة
alert-mail-room = من زميل
alert-mail-open = افتح وحدة التحكم
alert-mail-why = تصلك هذه الرسالة لأن أحدًا لم يطّلع على ذلك منذ مدة؛ رسالة واحدة على الأكثر كل عشر دقائق. يمكنك إيقافها من إعداداتك.
offline-title = لا يوجد اتصال
offline-lead = تعذّر الوصول إلى وحدة التحكم الآن. ما كتبته محفوظ، ولن يضيع من يكتب من المتسوّقين في هذه الأثناء.
offline-again = أعد المحاولة
app-description = محادثات مع المتسوّقين في متجرك
me-closed = عندما لا تنظر
me-closed-means = ترنّ وحدة التحكم فورًا في التبويب المفتوح. وإذا لم ير أحد ما ينتظر، يصل إشعار إلى المتصفحات أدناه، ثم رسالة واحدة تذكر كم ينتظر. من كان بعيدًا أو خارج الدوام تصله رسائل عن محادثاته فقط.
me-push = إشعار
me-mail = رسالة بريد
me-after-s = { $seconds ->
        [0] أبدًا
       *[other] بعد { $seconds } ثانية
    }
me-after-min = { $minutes ->
        [0] أبدًا
        [two] بعد دقيقتين
        [few] بعد { $minutes } دقائق
       *[other] بعد { $minutes } دقيقة
    }
me-closed-now = إذا لم تكن وحدة التحكم مفتوحة يصل الإشعار فورًا. وما يرنّ لا ينتظر أيضًا.
me-browsers = المتصفحات التي تصلها الإشعارات
me-browsers-none = لا يوجد متصفح بعد.
me-browser-unnamed = متصفح
me-browser-this = هذا المتصفح
me-browser-since = منذ
me-browser-remove = إزالة
me-push-on = أشعِرني على هذا الجهاز حتى عندما تكون وحدة التحكم مغلقة
me-push-is-on = تصل الإشعارات إلى هذا المتصفح ما دمت مسجّل الدخول هنا، حتى عندما تكون وحدة التحكم مغلقة.
me-push-unsupported = لا يمكن إشعار هذا المتصفح عندما تكون وحدة التحكم مغلقة. على iPhone أو iPad أضف Deskbell إلى الشاشة الرئيسية أولًا.
me-push-denied = لا يسمح هذا المتصفح لـ Deskbell بإشعارك. اسمح بذلك في إعدادات المتصفح لهذه الصفحة، ثم افتحها من جديد.
me-push-failed = تعذّر إعداد المتصفح الآن. حاول مرة أخرى بعد قليل.
me-push-needs-script = إعداد المتصفح يحتاج إلى البرامج النصية.
