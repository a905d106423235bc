refused-choose-a-team-or-a-colleague = اختر فريقًا أو زميلًا.
refused-somebody-else-is-at-this-chat-right-now-try-again-in-a-moment = هناك من يتعامل مع هذه المحادثة الآن. أعد المحاولة بعد لحظة.
refused-all-your-places-are-taken-close-or-transfer-a-chat-first = جميع أماكنك مشغولة. أغلق محادثة أو حوّلها أولًا.
refused-this-form-could-not-be-understood-go-back-and-try-again = تعذّر فهم هذا النموذج. ارجع وأعد المحاولة.
refused-choose-one-of-the-four = اختر واحدة من الأربع.
refused-this-delivery-is-on-its-way-already = هذا الإرسال في طريقه بالفعل.
refused-this-letter-is-on-its-way-already = هذه الرسالة في طريقها بالفعل.
refused-this-address-or-form-could-not-be-understood-go-back-and-try-again = تعذّر فهم هذا العنوان أو النموذج. ارجع وأعد المحاولة.
refused-this-was-asked-for-by-another-site-s-page-open-the-console-at-its-own-address-and-try-again = جاء هذا الطلب من صفحة موقع آخر. افتح لوحة العمل على عنوانها الخاص وأعد المحاولة.
refused-files-are-not-taken-here-put-what-matters-into-the-message = لا تُقبل الملفات هنا. اكتب المهم في الرسالة نفسها.
refused-send-the-file-as-the-part-file-of-a-multipart-form = أرسل الملف بوصفه الجزء `file` من نموذج multipart.
refused-there-is-no-room-for-more-files-at-the-moment-your-message-can-go-without-it = لا مكان لمزيد من الملفات حاليًا. يمكن إرسال رسالتك من دونه.
refused-this-shop-has-no-room-for-more-files-your-message-can-go-without-it = لم يبقَ لهذا المتجر مكان لمزيد من الملفات. يمكن إرسال رسالتك من دونه.
refused-files-cannot-be-stored-at-the-moment = لا يمكن حفظ الملفات حاليًا.
refused-the-file-took-too-long-to-be-stored = استغرق حفظ الملف وقتًا أطول من اللازم.
refused-pictures-of-the-kind-heic-cannot-be-shown-here-save-it-as-jpeg-and-send-that = لا يمكن عرض صور HEIC هنا. احفظها بصيغة JPEG ثم أرسلها.
refused-files-of-this-kind-are-not-taken-they-might-run-on-the-computer-of-whoever-opens-them = لا يُقبل هذا النوع من الملفات: فقد يعمل على حاسوب من يفتحه.
refused-this-shop-does-not-take-files-of-this-kind = لا يقبل هذا المتجر هذا النوع من الملفات.
refused-this-picture-has-too-many-pixels-make-it-smaller-and-send-it-again = في هذه الصورة عدد كبير جدًا من البكسلات. صغّرها وأرسلها مجددًا.
refused-this-animation-has-too-many-pictures-make-it-shorter-and-send-it-again = في هذه الصورة المتحركة إطارات كثيرة جدًا. قصّرها وأرسلها مجددًا.
refused-this-picture-is-broken-or-not-what-it-seems-send-another = هذه الصورة تالفة أو ليست كما تبدو. أرسل غيرها.
refused-files-cannot-be-read-at-the-moment = لا يمكن قراءة الملفات حاليًا.
refused-send-a-form-of-the-type-multipart-form-data = أرسل نموذجًا من النوع multipart/form-data.
refused-this-form-has-too-many-parts = في هذا النموذج أجزاء كثيرة جدًا.
refused-a-field-of-this-form-is-too-long = أحد حقول هذا النموذج أطول من اللازم.
refused-the-fields-of-a-form-are-utf-8 = حقول النموذج تُرمَّز بترميز UTF-8.
refused-this-is-larger-than-what-is-taken-at-once = هذا أكبر مما يُقبل دفعة واحدة.
refused-the-upload-broke-off-or-is-no-proper-form-send-it-again = انقطع الرفع أو أن النموذج غير سليم. أرسله مجددًا.
refused-they-are-not-available-or-have-no-place-free-choose-somebody-else-or-a-team = هذا الشخص غير متاح أو لا مكان لديه. اختر شخصًا آخر أو فريقًا.
refused-all-your-places-are-taken-those-beyond-your-capacity-too-close-or-transfer-a-chat-first = جميع أماكنك مشغولة، حتى ما يتجاوز سعتك. أغلق محادثة أو حوّلها أولًا.
refused-this-offer-has-ended-it-was-given-to-somebody-else-or-nobody-answered-in-time = انتهى هذا العرض. أُعطيت المحادثة لغيرك أو لم يُجب أحد في الوقت المحدد.
refused-a-file-is-not-there-any-more-or-was-sent-before-attach-it-again = أحد الملفات لم يعد موجودًا أو أُرسل من قبل. أرفقه مجددًا.
refused-the-database-does-not-answer = قاعدة البيانات لا تستجيب.
refused-they-have-this-conversation-already = هذا الشخص يتولى المحادثة بالفعل.
refused-somebody-is-being-asked-already-wait-for-their-answer = يُسأل شخص آخر الآن. انتظر جوابه.
refused-they-were-not-asked-or-the-time-to-answer-is-over = لم يُسأل هذا الشخص، أو انتهى وقت الإجابة.
refused-a-message-may-have-8-000-characters-please-shorten-it-or-send-it-in-parts = يمكن أن تحتوي الرسالة على 8,000 حرف. اختصرها أو أرسلها على أجزاء.
refused-that-was-quick-please-wait-a-moment-and-send-it-again = كان ذلك سريعًا. انتظر لحظة ثم أرسلها مجددًا.
refused-we-cannot-store-this-right-now-it-will-be-sent-again = لا يمكن حفظ هذا الآن. سيُعاد إرساله.
refused-this-conversation-has-ended-start-a-new-one = انتهت هذه المحادثة. ابدأ محادثة جديدة.
refused-this-conversation-is-not-yours-now-your-text-was-not-sent = ليست هذه المحادثة لك الآن. لم يُرسل نصك.
refused-there-is-no-such-conversation-or-it-is-not-yours = لا توجد محادثة كهذه، أو ليست لك.
refused-this-id-was-used-for-another-message-send-it-again-with-a-new-one = استُخدم هذا المعرّف لرسالة أخرى. أرسلها مجددًا بمعرّف جديد.
refused-it-is-too-late-to-take-this-back = فات أوان سحب هذه الرسالة.
refused-a-message-needs-some-text = تحتاج الرسالة إلى نص.
refused-a-message-cannot-contain-the-character-u-0000 = لا يمكن أن تحتوي الرسالة على الحرف U+0000.
refused-a-message-may-offer-six-answers-to-choose-from = يمكن أن تعرض الرسالة ست إجابات للاختيار.
refused-an-answer-to-choose-from-is-one-line-of-at-most-60-characters = كل إجابة للاختيار سطر واحد لا يزيد على 60 حرفًا.
refused-two-of-the-answers-to-choose-from-are-the-same = اثنتان من الإجابات المعروضة متطابقتان.
refused-this-page-is-for-supervisors = هذه الصفحة للمشرفين.
refused-this-page-is-for-admins = هذه الصفحة للمديرين.
refused-open-the-console-at-its-own-address = افتح لوحة العمل على عنوانها الخاص.
refused-there-is-nothing-here-or-it-is-not-yours = لا شيء هنا، أو ليس لك.
refused-sign-in-and-try-again = سجّل الدخول وأعد المحاولة.
refused-some-fields-need-another-look = بعض الحقول تحتاج إلى مراجعة.
refused-this-took-too-long-send-the-whole-request-within-10-s = استغرق ذلك وقتًا طويلًا: أرسل الطلب كاملًا خلال 10 ثوانٍ.
refused-this-came-too-slowly-and-was-given-up-try-again-or-on-a-better-connection = وصل هذا ببطء شديد فأُهمل. أعد المحاولة أو استخدم اتصالًا أفضل.
refused-this-address-takes-other-methods = يقبل هذا العنوان طرائق طلب أخرى.
refused-something-went-wrong-on-our-side-it-has-been-logged = حدث خطأ من جانبنا وقد سُجّل.
refused-many-are-coming-in-at-the-moment = يدخل كثيرون في هذه اللحظة.
refused-the-database-cannot-be-reached = يتعذّر الوصول إلى قاعدة البيانات.
refused-a-note-is-not-shown-to-the-shopper-answers-to-choose-from-go-with-a-reply = لا تُعرض الملاحظة على المتسوّق: إجابات الاختيار تُرسل مع رد.
refused-a-message-may-carry-five-files-send-the-others-with-the-next = يمكن أن تحمل الرسالة خمسة ملفات. أرسل البقية مع الرسالة التالية.
refused-that-is-more-files-than-this-shop-takes-with-one-message-send-the-others-with-the-next = عدد الملفات أكبر مما يقبله هذا المتجر مع رسالة واحدة. أرسل البقية مع الرسالة التالية.
refused-a-ticket-needs-an-e-mail-address-to-answer-to = تحتاج التذكرة إلى عنوان بريد إلكتروني يُرَد عليه.
refused-this-is-not-an-e-mail-address = هذا ليس عنوان بريد إلكتروني.
refused-the-shopper-cannot-be-read = تتعذّر قراءة بيانات المتسوّق.
refused-there-is-no-such-card = لا توجد بطاقة كهذه.
refused-not-yours = يتولى { $name } هذه المحادثة الآن. لم يُرسل نصك.
refused-too-fast = { $seconds ->
        [one] طلبات كثيرة جدًا: انتظر ثانية واحدة وأعد المحاولة.
        [two] طلبات كثيرة جدًا: انتظر ثانيتين وأعد المحاولة.
        [few] طلبات كثيرة جدًا: انتظر { $seconds } ثوانٍ وأعد المحاولة.
        [many] طلبات كثيرة جدًا: انتظر { $seconds } ثانية وأعد المحاولة.
       *[other] طلبات كثيرة جدًا: انتظر { $seconds } ثانية وأعد المحاولة.
    }
refused-again-in = { $seconds ->
        [one] { $what } أعد المحاولة بعد ثانية واحدة.
        [two] { $what } أعد المحاولة بعد ثانيتين.
        [few] { $what } أعد المحاولة بعد { $seconds } ثوانٍ.
        [many] { $what } أعد المحاولة بعد { $seconds } ثانية.
       *[other] { $what } أعد المحاولة بعد { $seconds } ثانية.
    }
refused-file-too-large = يمكن أن يبلغ حجم الملف { $most } م.ب. صغّره أو أرسل جزءًا منه.
reason-lacks-skill = تنقصه مهارة { $skill }
reason-does-not-work-for-this-shop = لا يعمل لهذا المتجر
reason-not-in-the-team = ليس في الفريق
reason-does-not-answer-in-the-shopper-s-language = لا يجيب بلغة المتسوّق
reason-would-not-have-this-chat-a-moment-ago = رفض هذه المحادثة قبل لحظة
reason-no-place-free = لا مكان شاغر لديه
reason-the-team-has-as-many-chats-as-it-may = بلغ الفريق الحد الأقصى من المحادثات
reason-could-take-it = يمكنه أخذها
reason-had-this-shopper-before = سبق أن خدم هذا المتسوّق
reason-least-loaded-then-longest-without-a-new-chat = الأقل حِملًا، ثم الأطول مدة بلا محادثة جديدة
reason-another-has-more-of-the-skills = لدى غيره مهارات أكثر من المطلوبة
reason-another-answers-in-the-shopper-s-language = غيره يجيب بلغة المتسوّق
reason-another-had-this-shopper-before = غيره سبق أن خدم هذا المتسوّق
reason-another-was-less-loaded-or-waited-longer = غيره أقل حِملًا أو انتظر أطول
reason-held-a-place-while-the-shopper-was-called-back = حجز مكانًا أثناء استدعاء المتسوّق
reason-accepted-the-offer = قبل العرض
reason-took-it-by-hand = أخذها بنفسه
reason-handed-over-by-a-colleague = سلّمها زميل
reason-took-it-over = تولّاها
reason-accepted-what-a-colleague-asked = قبل طلب زميل
refused-a-placeholder-in-braces-is-still-in-the-text-fill-it-in-or-take-it-out-then-send-it = ما زال في النص حقل بين قوسين معقوفين. املأه أو احذفه ثم أرسل.
refused-nobody-waits-any-more = لم يعد أحد ينتظر.
refused-this-form-is-too-large-sign-in-and-try-again-with-less = هذا النموذج كبير جدًا. سجّل الدخول وأعد المحاولة بمحتوى أقل.
refused-nobody-has-this-chat-it-is-in-line = لا أحد يتولى هذه المحادثة: إنها في الصف.
