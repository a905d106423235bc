-- Whoever puts a chat back in line is passed over for a while, as one who declined it.
alter table refusals drop constraint refusals_why_known;
alter table refusals add constraint refusals_why_known check (why in ('declined', 'expired', 'put_back'));
