-- Which shoppers have no token left is asked of many at once, by their id alone.
create index shopper_tokens_by_shopper_alone on shopper_tokens (shopper_id);
