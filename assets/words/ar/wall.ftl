wall-lead = من ينتظر، ومن هنا، وكيف يسير اليوم.
wall-tv = لشاشة كبيرة
wall-waiting = في الانتظار
wall-waiting-note = متسوّقون في الصف
wall-longest = أطول انتظار
wall-no-target = لا هدف محدّد
wall-target = الهدف { $time }
wall-chatting = محادثات جارية
wall-chatting-note = محادثات مع موظف
wall-others = { $busy } مشغول · { $away } بعيد · { $offline } غير متصل
wall-answer = الرد الأول
wall-answer-note = p50 / p90 من { $count } اليوم
wall-abandoned = تُرِكت
wall-abandoned-note = { $part } من { $whole } انتظروا اليوم
wall-csat = الرضا
wall-csat-note = { $part } من { $whole } قيّموا بـ4 أو 5 اليوم
wall-no-team = بلا فريق
wall-on-target = ضمن الهدف
wall-close = قريب من الهدف
wall-over = تجاوز الهدف
wall-teams-none = لا فرق بعد.
wall-team = الفريق
wall-free = أماكن شاغرة
wall-agents = الموظفون
wall-agents-none = لا أحد يعمل هنا بعد.
wall-since = منذ
wall-by = بواسطة { $name }
wall-idle = خامل
wall-unanswered = بلا رد
person-status = الحالة
person-set-to = تعيين إلى
person-set-means = يرى فورًا أنك أنت من فعل.
person-hands-over = { $chats ->
        [0] الخروج من الخدمة لا يعيد شيئًا إلى الصف.
        [one] الخروج من الخدمة يعيد محادثته إلى الصف.
        [two] الخروج من الخدمة يعيد محادثتيه إلى الصف.
       *[other] الخروج من الخدمة يعيد محادثاته الـ{ $chats } إلى الصف.
    }
person-set = تعيين
person-chats = المحادثات
person-no-chats = لا شيء حاليًا.
person-watch = مشاهدة
person-watch-whose = المحادثة مع { $name }
person-whisper = همس
person-whisper-whose = بشأن { $name }
person-join = انضمام
person-give-to = إعطاء إلى…
person-give-whose = شخص آخر: { $name }
person-give = إعطاء
person-give-label = إعطاء إلى
