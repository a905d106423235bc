-- What is said in rooms of the staff is found there: its words are told from those of chats within the index. What was said before
-- is taken apart again.
insert into search_todo (what, site_id, id, seq)
    select 'said', e.site_id, e.conversation_id, e.seq
    from conversations c
    join events e on e.site_id = c.site_id and e.conversation_id = c.id
    where c.kind in ('room', 'direct') and e.kind = 'message';
