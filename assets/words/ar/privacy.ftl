# ما يُعرف عن العملاء: تسليمه ومحوه ومدة الاحتفاظ به.
privacy-title = الخصوصية
privacy-lead = ما يُعرف عن عملائك: سلّمه أو امحه حين يطلبون، وحدّد مدة الاحتفاظ به.
privacy-find = أحدهم يسأل عن بياناته
privacy-by = البريد الإلكتروني أو رقم العميل
privacy-look = ابحث
privacy-find-means = كما كُتب تمامًا، في كل المتاجر؛ ويشمل من فتح المحادثة ولم يكتب. للبحث بالاسم انتقل إلى
privacy-nobody = لا أحد معروف بهذا
privacy-nobody-next = تحقق من الكتابة، أو اسأل عن عنوان آخر ربما استُعمل، أو ابحث بالاسم في
privacy-keep-means = تُمحى من تلقاء نفسها المحادثات التي انتهت قبل ذلك، ومعها من لا يملك غيرها.
privacy-days = { $count ->
        [zero] لا أيام
        [one] يوم واحد
        [two] يومان
        [few] { $count } أيام
        [many] { $count } يومًا
       *[other] { $count } يوم
    }
privacy-for-good = بلا حد
privacy-record = ما سُلّم وما مُحي
privacy-record-means = متى ومن فعل وكم، دون ذكر صاحب البيانات. يُحفظ سنتين.
privacy-record-none = لا شيء بعد
privacy-exported = سُلّمت البيانات
privacy-erased = مُحيت عند الطلب
privacy-aged = مُحيت لانقضاء المدة
privacy-did-erase = مُحي كل ما كان معروفًا عن هذا الشخص. وتُزال محتويات ملفاته خلال دقيقة.
privacy-gone = لم يعد هذا الشخص موجودًا: سبق أن محاه أحدهم.
privacy-people = { $count ->
        [zero] لا جهات اتصال
        [one] جهة اتصال واحدة
        [two] جهتا اتصال
        [few] { $count } جهات اتصال
        [many] { $count } جهة اتصال
       *[other] { $count } جهة اتصال
    }
privacy-conversations = { $count ->
        [zero] لا محادثات
        [one] محادثة واحدة
        [two] محادثتان
        [few] { $count } محادثات
        [many] { $count } محادثة
       *[other] { $count } محادثة
    }
privacy-tickets = { $count ->
        [zero] لا تذاكر
        [one] تذكرة واحدة
        [two] تذكرتان
        [few] { $count } تذاكر
        [many] { $count } تذكرة
       *[other] { $count } تذكرة
    }
privacy-files = { $count ->
        [zero] لا ملفات
        [one] ملف واحد
        [two] ملفان
        [few] { $count } ملفات
        [many] { $count } ملفًا
       *[other] { $count } ملف
    }
privacy-letters = { $count ->
        [zero] لا رسائل بريد
        [one] رسالة بريد واحدة
        [two] رسالتا بريد
        [few] { $count } رسائل بريد
        [many] { $count } رسالة بريد
       *[other] { $count } رسالة بريد
    }
privacy-of = تسليم بياناته أو محوها
privacy-their-page = محادثاته
privacy-known = ما هو معروف
privacy-no-email = بلا عنوان
privacy-merged = جمعها الفريق
privacy-is-open = لدى هذا الشخص محادثة مفتوحة الآن. إن محوته انتهت فورًا عنده وعند زميلك.
privacy-is-blocked = هذا الشخص محظور. ويُلغى الحظر بمحوه، إذ لا يعود يُعرف من كان المقصود به.
privacy-export = التسليم
privacy-export-means = ملف JSON واحد يضم كل شيء: من هو، وكل محادثة وتذكرة وتقييم ورسالة بريد. روابط الملفات فيه تعمل يومًا واحدًا.
privacy-with-notes = مع الملاحظات الداخلية
privacy-with-notes-means = ما يكتبه الفريق عن شخص هو أيضًا من بياناته.
privacy-export-do = احفظ الملف
privacy-erase = المحو
privacy-erase-means = يزول كل ما ذُكر أعلاه فورًا ونهائيًا، مع الملاحظات والتقييمات والملفات؛ ولا تُرسل رسائل البريد المنتظرة. ولا تعود التقارير تحتسب هذه المحادثات.
privacy-erase-stays = يبقى ذلك في نسخك الاحتياطية حتى تزول، ولدى من تلقّى بشأنه رسائل بريد أو إشعارات Webhook. إذا استعدت نسخة احتياطية فامحه من جديد.
privacy-sure = تأكدت من ذلك. لا يمكن التراجع عنه.
privacy-mistake-sure = ضع العلامة إن كنت متأكدًا؛ لم يُمح شيء.
privacy-changed = دمج أحدهم جهات اتصال أو فصلها في هذه الأثناء. تحقق مجددًا ممن هو؛ لم يُمح أحد.
privacy-erase-do = امح نهائيًا
keeping-title = مدة الاحتفاظ بالمحادثات
keeping-means = المحادثة التي انتهت قبل ذلك تُمحى مع ملفاتها وتقييماتها وملاحظاتها، ومعها من لا يملك غيرها. تنتهي التذكرة حين تُحل. وما هو مفتوح يبقى. ولا تحتسب التقارير ما مُحي.
keeping-days = عدد الأيام
keeping-days-means = فارغ: بلا حد
keeping-doomed = { $count ->
        [zero] لا محادثات انتهت قبل ذلك.
        [one] انتهت محادثة واحدة قبل ذلك وستُمحى خلال دقائق.
        [two] انتهت محادثتان قبل ذلك وستُمحيان خلال دقائق.
        [few] انتهت { $count } محادثات قبل ذلك وستُمحى خلال دقائق.
        [many] انتهت { $count } محادثة قبل ذلك وستُمحى خلال دقائق.
        [100000] انتهت أكثر من { $count } محادثة قبل ذلك وستُمحى قريبًا.
       *[other] انتهت { $count } محادثة قبل ذلك وستُمحى خلال دقائق.
    }
keeping-mistake-sure = ضع العلامة إن كان هذا ما تريد؛ لم يُحفظ شيء.
keeping-more = لتسليم ما يُعرف عن شخص واحد أو محوه:
