-- Which shoppers have no token left is asked of many at once, by their id alone.
create index shopper_tokens_by_shopper_alone on shopper_tokens (shopper_id);
-- How many addresses a shopper had transcripts sent to.
create index outbox_by_conversation on outbox (site_id, conversation_id);
