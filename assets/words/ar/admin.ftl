save = حفظ
copy = نسخ
form-saved = حُفظ.
form-not-saved = لم يُحفظ شيء بعد: بعض الحقول تحتاج إلى مراجعة.
form-name = الاسم
mistake-number = اكتب عددًا صحيحًا من { $least } إلى { $most }.
mistake-one-of-two = اختر واحدًا من الاثنين.
mistake-one-of-three = اختر واحدًا من الثلاثة.
mistake-one-of-list = اختر عنصرًا من القائمة.
mistake-skill-long = «{ $skill }» أطول من اللازم: لا تزيد المهارة على { $most } حرفًا.
mistake-skills = اذكر { $most } مهارة على الأكثر، تفصل بينها فواصل.
site-nav = لهذا الموقع
site-settings = الإعدادات
site-widget = النافذة
site-routing = التوزيع
site-files = الملفات
site-check = الفحص
sites-lead = لكل متجر نافذة محادثة وفرق ومتسوّقون خاصون به.
sites-people = {" "}يعملون لمتجر واحد أو أكثر.
sites-none = لا مواقع بعد
sites-origins = { $count ->
        [zero] لا مصادر
        [one] مصدر واحد
        [two] مصدران
        [few] { $count } مصادر
        [many] { $count } مصدرًا
       *[other] { $count } مصدر
    }
chats-at-once = المحادثات في آن واحد
crew-title = الأشخاص
crew-lead = من يعملون هنا. تُحدَّد عضوية الفرق في صفحة كل فريق.
crew-chats = { $count ->
        [zero] بلا محادثات
        [one] محادثة واحدة
        [two] محادثتان
        [few] { $count } محادثات
        [many] { $count } محادثة
       *[other] { $count } محادثة
    }
crew-role = الدور
crew-no-teams = لا شيء
crew-name-hint = يقرؤه المتسوّقون
crew-capacity-hint = 0 يعني عدم أخذ أي محادثة من الصف
crew-languages = اللغات التي يجيبون بها
crew-languages-hint = مثل en, de, zh-CN؛ الفارغ يعني أي لغة
crew-mistake-person = اكتب الاسم الذي يقرؤه المتسوّقون.
crew-mistake-language = «{ $tag }» ليست لغة: اكتب رموزًا مثل en أو de أو zh-CN، تفصل بينها فواصل.
crew-mistake-languages = اذكر { $most } لغة على الأكثر.
teams-title = الفرق، { $site }
crew-none = لا فرق بعد
crew-none-next = يعمل الموظفون ضمن فرق: بلا فريق لا يمكن إسناد محادثات هذا المتجر إلى أحد.
crew-size = { $count ->
        [zero] لا أحد
        [one] شخص واحد
        [two] شخصان
        [few] { $count } أشخاص
        [many] { $count } شخصًا
       *[other] { $count } شخص
    }
crew-at-most = { $count ->
        [zero] بلا محادثات
        [one] محادثة واحدة على الأكثر
        [two] محادثتان على الأكثر
        [few] { $count } محادثات على الأكثر
        [many] { $count } محادثة على الأكثر
       *[other] { $count } محادثة على الأكثر
    }
crew-own-hours-chip = ساعات خاصة
crew-add-title = إضافة فريق
crew-add = إضافة
crew-team = الفريق
crew-team-name-hint = قد يختاره المتسوّقون
crew-chats-max-hint = للفريق كله؛ 0 يعني بلا حد
crew-helped-by = يساعده
crew-helped-by-hint = يأخذ محادثات هذا الفريق أيضًا
crew-nobody = لا أحد
crew-after = بعد انتظار
crew-after-hint = مثل ⁦90 s⁩ أو ⁦2 min⁩
crew-never = أبدًا
crew-members = الأعضاء
crew-skills-means = تفصل بين المهارات فواصل.
crew-carries = سعة كل شخص ولغاته
crew-carries-holds = {" "}تسري في كل الفرق.
crew-skills = المهارات
crew-skills-of = مهارات { $name }
crew-hours = الساعات
crew-own-hours = لهذا الفريق ساعات خاصة به
crew-own-hours-means = وإلا سرت ساعات المتجر، ولا يُحفظ ما هو مكتوب أدناه.
crew-mistake-taken = هناك فريق آخر في هذا المتجر بهذا الاسم.
crew-mistake-name = سمِّ الفريق، مثل «الطلبات»؛ قد يختاره المتسوّقون.
crew-mistake-other = اختر فريقًا آخر من هذا المتجر.
crew-mistake-helper = اختر من يساعد، أو اترك الوقت فارغًا.
crew-mistake-after = اكتب بعد أي انتظار تأتي المساعدة، من ⁦5 s⁩ إلى ⁦24 h⁩، مثل ⁦90 s⁩ أو ⁦2 min⁩.
letters-none-wait = لا شيء ينتظر الإرسال.
letters-waiting = { $count ->
        [zero] لا رسائل في الطريق.
        [one] رسالة واحدة في الطريق.
        [two] رسالتان في الطريق.
        [few] { $count } رسائل في الطريق.
        [many] { $count } رسالة في الطريق.
       *[other] { $count } رسالة في الطريق.
    }
letters-lead = تبقى هنا الرسائل التي تعذّر تسليمها حتى تعيد المحاولة.
letters-none = وصلت كل الرسائل
letters-none-next = إذا رفض خادم البريد رسالة نهائيًا فستظهر هنا مع السبب.
letter-to = إلى
letter-no-reason = لم يُذكر سبب.
letter-attempts = { $count ->
        [zero] بلا محاولات
        [one] محاولة واحدة
        [two] محاولتان
        [few] { $count } محاولات
        [many] { $count } محاولة
       *[other] { $count } محاولة
    }
letter-retry = إعادة المحاولة
letter-transcript = نص المحادثة
letter-ticket-opened = فتح تذكرة
letter-ticket-reply = رد على تذكرة
letter-place = حان الدور
letter-answers = إجابات لمن غادر
letter-unseen = ما لم يره أحد الموظفين
