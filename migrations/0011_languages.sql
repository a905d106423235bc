-- The language and the time zone that somebody of the staff reads the console in, null until they first sign in or choose;
-- and how they like it (src/domain/prefs.rs).
alter table agents
    add column locale text constraint agents_locale_short check (char_length(locale) <= 35),
    add column zone text constraint agents_zone_short check (char_length(zone) <= 64),
    add column prefs jsonb not null default '{}';
