# Being called while nobody looks at the console, and the console as an app of its own.
alert-message = { $name } 发来消息
alert-message-plain = 有顾客发来消息
alert-offer = 会话呼叫：{ $name }
alert-offer-plain = 会话呼叫
alert-plain = Deskbell 中有事项等您处理
alert-mail-chats = 有 { $count } 个会话在等您
alert-mail-notes = 同事在 { $count } 处提到您或给您发来消息
alert-mail-chat = 会话
alert-mail-note = 备注
alert-mail-room = 同事消息
alert-mail-open = 打开控制台
alert-mail-why = 因为有一段时间没有人查看，所以发送此邮件；十分钟内最多一封。您可以在设置中关闭。
offline-title = 没有连接
offline-lead = 暂时无法连接控制台。您已输入的内容会保留，这期间发来消息的顾客也不会丢失。
offline-again = 重试
app-description = 与店铺里的顾客聊天
me-closed = 当您没有在看时
me-closed-means = 打开的标签页会立即响铃。如果没有人看到，通知会发到下列浏览器，之后再发一封邮件说明有多少事项在等待。离开或下班的人只会收到关于自己会话的邮件。
me-push = 通知
me-mail = 邮件
me-after-s = { $seconds ->
        [0] 从不
       *[other] { $seconds } 秒后
    }
me-after-min = { $minutes ->
        [0] 从不
       *[other] { $minutes } 分钟后
    }
me-closed-now = 没有打开控制台时，通知会立即发出；呼叫也不会等待。
me-browsers = 接收通知的浏览器
me-browsers-none = 还没有浏览器。
me-browser-unnamed = 浏览器
me-browser-this = 此浏览器
me-browser-since = 自
me-browser-remove = 移除
me-push-on = 即使控制台已关闭，也通知此设备
me-push-is-on = 只要您在此登录，此浏览器就会收到通知，控制台关闭时也一样。
me-push-unsupported = 控制台关闭时，此浏览器无法收到通知。在 iPhone 或 iPad 上，请先将 Deskbell 添加到主屏幕。
me-push-denied = 此浏览器不允许 Deskbell 通知您。请在浏览器中为此页面开启通知，然后重新打开此页面。
me-push-failed = 暂时无法设置此浏览器，请稍后再试。
me-push-needs-script = 设置浏览器需要启用脚本。
