# 同一会话中的同事。
is-viewing = { $name } 正在查看
is-replying = { $name } 正在回复
are-viewing-too = 还有 { $count } 人正在查看
mention-none = 没有同名且可查看此会话的同事。
mention-came = { $name } 在备注中提到了您
refused-a-colleague-has-answered-meanwhile-send-once-more-if-yours-is-still-wanted = 在此期间已有同事回复。如仍需发送，请再发一次。
taken-back-by = 由 { $name } 于 { $at } 撤回
fate-seen = 顾客已看到。
fate-got = 已送达，顾客尚未看到。
fate-unseen = 顾客尚未看到。
correct = 更正
correct-label = 更正后的消息
correct-means = 旧消息会同时撤回；顾客会看到有一条消息被撤回。
correct-not = 保持原样
correct-send = 发送更正
keys-correct = 更正刚发送的消息（输入框为空时）
refused-only-a-message-of-your-own-without-files-can-be-corrected-take-it-back-and-send-another = 只能更正自己发送的、不含文件的消息。请撤回后重新发送。
