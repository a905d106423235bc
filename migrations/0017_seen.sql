-- When the shopper's read mark moved last: staff are told when what they wrote last was seen.
alter table conversations add column shopper_read_at timestamptz;
