-- How far a conversation has come to an open console, or a program, of the agent who has it; in the shopper's numbering.
alter table conversations add column staff_got bigint not null default 0;
