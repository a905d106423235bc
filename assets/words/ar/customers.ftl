# العملاء: القائمة، وكل واحد منهم.
nav-customers = العملاء
keys-customers = اذهب إلى العملاء
customers-means = كل من كتب إلى المتجر، الأحدث أولًا.
customers-find = ابحث عن عميل
customers-hint = الاسم أو البريد أو رقم العميل
customers-none = لا عملاء بعد
customers-none-next = يظهر هنا كل من يكتب إلى المتجر.
customers-not-found-next = جرّب كلمات أقل أو أقصر. لا يُعثر إلا على عملاء لهم محادثة يحق لك رؤيتها.
customers-no-more = لا يوجد عملاء آخرون.
customers-all = اعرض جميع العملاء
customers-also = أيضًا:
customers-newest = إلى البداية
customers-older = عملاء آخرون
customer-open = كل ما يخص هذا العميل
customer-number = رقم العميل
customer-first = أول تواصل
customer-last = آخر تواصل
customer-talks = المحادثات والتذاكر
customer-count = { $count ->
    [zero] لا شيء
    [one] واحدة إجمالًا
    [two] اثنتان إجمالًا
    [few] { $count } إجمالًا
    [many] { $count } إجمالًا
   *[other] { $count } إجمالًا
}
customer-no-talks = لا محادثة يحق لك رؤيتها
customer-newest = أحدث المحادثات
customer-others = هذا الشخص أيضًا
customer-others-mean = جمع الفريق جهات الاتصال هذه معًا. كل متصفح لا يرى إلا محادثاته، والموثّقة وحدها هي الجهة التي يضمنها المتجر.
customer-merged-by = دمجها { $name }
customer-separate = افصل من جديد
customer-history = عمليات الدمج والفصل
alike-title = ربما الشخص نفسه
alike-by-email = البريد الإلكتروني نفسه.
alike-by-phone = الاسم ورقم الهاتف نفسهما.
alike-compare = قارن
merge-title = دمج جهتي اتصال
merge-kept = هذه تبقى
merge-merged = هذه تُدمج فيها
merge-means = ما الذي سيحدث
merge-means-together = تظهر محادثات الجهتين وتذاكرهما في صفحة { $name } لك ولزملائك.
merge-means-browsers = لا تنتقل أي محادثة من متصفح إلى آخر: لا يرى أيٌّ منهما ما كتبه الآخر. وإن كانت لكليهما محادثة مفتوحة استمرت المحادثتان.
merge-means-verified = تحتفظ الصفحة باسم الأولى وهويتها الموثّقة. وتبقى المحادثة من متصفح الأخرى غير موثّقة.
merge-means-unverified = تحتفظ الصفحة باسم الأولى. لا واحدة منهما موثّقة: البريد المكتوب باليد قد يكون لأي شخص.
merge-means-undo = يمكنك فصلهما من جديد في أي وقت. ويُحفظ من دمجهما ومن فصلهما.
merge-do = ادمج
merge-swap = أبقِ الأخرى بدلًا منها
merge-cancel = إلغاء
merge-already = سبق أن دمج { $name } هاتين الجهتين.
merge-elsewhere = دمج { $name } إحداهما مع شخص آخر في هذه الأثناء. انظر إليهما من جديد.
merge-two-customers = يضمن المتجر الجهتين بوصفهما عميلين مختلفين، فلا تُدمجان أبدًا.
merge-too-many = للشخص الواحد خمسون جهة اتصال على الأكثر.
separate-gone = لم تعد هاتان الجهتان معًا.
change-merged = دمج { $name } جهة { $one } في { $other }
change-separated = فصل { $name } جهة { $one } عن { $other }
card-beside-verified = جمع أحد الزملاء هذه الجهة مع جهة موثّقة. أما هذا المتصفح نفسه فغير موثّق: لا تُفصح عما لا يحق لغير العميل معرفته.
