-- What owners and supervisors changed, by whom and when, from what to what. Written by triggers in the transaction of the change
-- itself: nothing that changes these tables, by whatever door, goes unnoted.
create table audit (
    id          bigint generated always as identity primary key,
    at          timestamptz not null,
    -- Null: the command line, or somebody who is not there any more.
    by_id       uuid,
    by_name     text not null default '',
    site_id     uuid,
    what        text not null constraint audit_what_known check
                    (what in ('site', 'team', 'member', 'person', 'tag', 'canned', 'macro', 'orders', 'block')),
    did         text not null constraint audit_did_known check (did in ('added', 'changed', 'removed')),
    subject_id  uuid,
    subject     text not null,
    -- By field: what it was and what it is. What is secret says only that it is another.
    changes     jsonb not null
);
create index audit_by_time on audit (at);
create index audit_by_person on audit (by_id, id);

-- What differs between two values, field by field within objects; as {path: [before, after]}.
create function audit_difference(path text, before jsonb, after jsonb) returns jsonb language plpgsql immutable as $$
declare
    found jsonb := '{}';
    name text;
begin
    if before is not distinct from after then
        return found;
    end if;
    if jsonb_typeof(before) = 'object' and jsonb_typeof(after) = 'object' then
        for name in select jsonb_object_keys(before || after) loop
            found := found || audit_difference(ltrim(path || '.' || name, '.'), before->name, after->name);
        end loop;
        return found;
    end if;
    return jsonb_build_object(path, jsonb_build_array(before, after));
end
$$;

-- Of a row only these columns; what begins with a star is secret and kept as a mark that is another for another value.
create function audit_columns(line jsonb, columns text[]) returns jsonb language sql immutable as $$
    select coalesce(jsonb_object_agg(ltrim(name, '*'), case when name like '*%' then
            case when line->>ltrim(name, '*') is not null then to_jsonb(md5(line->>ltrim(name, '*'))) end
        else line->name end), '{}')
    from unnest(columns) as name
    where line is not null
$$;

-- Arguments: what it is, its columns, the column of its name.
create function audit_note() returns trigger language plpgsql as $$
declare
    old_line jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
    new_line jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
    line jsonb;
    op text;
    columns text[] := string_to_array(tg_argv[1], ' ');
    secrets text[] := array(select ltrim(name, '*') from unnest(string_to_array(tg_argv[1], ' ')) as name where name like '*%');
    changes jsonb;
    who uuid;
    called text;
    key text;
begin
    -- What somebody keeps for themselves is theirs: shared, it is added; for themselves again, removed.
    if tg_argv[0] in ('canned', 'macro') then
        old_line := case when old_line->>'owner_id' is null then old_line end;
        new_line := case when new_line->>'owner_id' is null then new_line end;
    end if;
    -- What an address asks for may be a key.
    if tg_argv[0] = 'orders' then
        old_line := old_line || jsonb_build_object('url', split_part(old_line->>'url', '?', 1));
        new_line := new_line || jsonb_build_object('url', split_part(new_line->>'url', '?', 1));
    end if;
    line := coalesce(new_line, old_line);
    op := case when old_line is null then 'INSERT' when new_line is null then 'DELETE' else 'UPDATE' end;
    changes := audit_difference('', audit_columns(old_line, columns), audit_columns(new_line, columns));
    if line is null or op = 'UPDATE' and changes = '{}' then
        return null;
    end if;
    who := coalesce(nullif(current_setting('deskbell.by', true), '')::uuid, (line->>'lifted_by')::uuid, (line->>'by_id')::uuid);
    called := line->>tg_argv[2];
    -- A column that is not an object stands alone in what was added or removed.
    if op <> 'UPDATE' then
        changes := '{}';
        for key in select jsonb_object_keys(audit_columns(line, columns)) loop
            continue when line->key is null or line->key in ('null', '{}', '[]', '""');
            changes := changes || jsonb_build_object(key, case when op = 'INSERT'
                then jsonb_build_array(null, line->key) else jsonb_build_array(line->key, null) end);
        end loop;
    end if;
    foreach key in array secrets loop
        if changes ? key then
            changes := changes || jsonb_build_object(key, case op when 'INSERT' then '[null, "…"]'::jsonb
                when 'UPDATE' then '["…", "…"]' else '["…", null]' end);
        end if;
    end loop;
    if tg_argv[0] = 'member' then
        called := (select a.name from agents a where a.id = (line->>'agent_id')::uuid)
            || ' · ' || coalesce((select t.name from teams t where t.id = (line->>'team_id')::uuid), '');
    elsif tg_argv[0] = 'block' then
        called := (select s.name from shoppers s where s.site_id = (line->>'site_id')::uuid and s.id = (line->>'shopper_id')::uuid);
    end if;
    insert into audit (at, by_id, by_name, site_id, what, did, subject_id, subject, changes)
    select clock_timestamp(), who, coalesce((select name from agents where id = who), ''),
        coalesce((line->>'site_id')::uuid, case when tg_argv[0] = 'site' then (line->>'id')::uuid end),
        tg_argv[0], case op when 'INSERT' then 'added' when 'UPDATE' then 'changed' else 'removed' end,
        coalesce(line->>'id', line->>'team_id')::uuid, coalesce(called, ''), changes;
    return null;
end
$$;

create trigger audit_sites after insert or delete or update of name, origins, settings, secret on sites
    for each row execute function audit_note('site', 'name origins settings *secret', 'name');
create trigger audit_teams after insert or delete or update of name, settings on teams
    for each row execute function audit_note('team', 'name settings', 'name');
create trigger audit_members after insert or delete or update of skills on team_members
    for each row execute function audit_note('member', 'skills', '');
create trigger audit_people after insert or delete or update of name, email, role, capacity, languages, disabled_at, password_hash on agents
    for each row execute function audit_note('person', 'name email role capacity languages disabled_at *password_hash', 'name');
create trigger audit_tags after insert or delete or update of name, color on tags
    for each row execute function audit_note('tag', 'name color', 'name');
create trigger audit_orders after insert or delete or update of kind, url, sealed, by_subject, asks_unconfirmed on order_sources
    for each row execute function audit_note('orders', 'kind url by_subject asks_unconfirmed *sealed', 'url');
create trigger audit_blocks after insert or update of lifted_at on blocks
    for each row execute function audit_note('block', 'shopper_id reason until lifted_at', '');
create trigger audit_canned after insert or delete or update of team_id, owner_id, shortcut, texts on canned_replies
    for each row execute function audit_note('canned', 'shortcut team_id texts', 'shortcut');
create trigger audit_macros after insert or delete or update of team_id, owner_id, name, does on macros
    for each row execute function audit_note('macro', 'name team_id does', 'name');

-- Files that go with a shared reply. Of a reply that is removed nothing is said again.
create function audit_note_file() returns trigger language plpgsql as $$
declare
    who uuid := nullif(current_setting('deskbell.by', true), '')::uuid;
    name jsonb := (select to_jsonb(f.name) from files f where f.id = case when tg_op = 'INSERT' then new.file_id else old.file_id end);
begin
    insert into audit (at, by_id, by_name, site_id, what, did, subject_id, subject, changes)
    select clock_timestamp(), who, coalesce((select a.name from agents a where a.id = who), ''), r.site_id, 'canned', 'changed', r.id, r.shortcut,
        jsonb_build_object('file', case tg_op when 'INSERT' then jsonb_build_array(null, name) else jsonb_build_array(name, null) end)
    from canned_replies r
    where r.id = case when tg_op = 'INSERT' then new.canned_id else old.canned_id end and r.owner_id is null;
    return null;
end
$$;
create trigger audit_canned_files after insert or delete on canned_files
    for each row execute function audit_note_file();
