-- SPDX-License-Identifier: ISC
-- What acts on the fleet store's tables: this file first, rights.sql last;
-- run by each shellac fleet init, in one transaction.  All that hosts may call is
-- hello, lacking, prepare, beat and what begins with put_; each is run as the owner, knows its host by
-- session_user, which no SET ROLE changes, and names every object with its schema, since the
-- caller's search_path is the caller's.

set local role shellac_owner;
set local check_function_bodies = off;

create or replace function shellac.me() returns bytea
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
	h bytea;
begin
	select id into h from shellac.host where role = session_user;
	if h is null then
		raise exception 'role % is no host''s; shellac fleet add makes one', session_user
		    using errcode = 'insufficient_privilege';
	end if;
	return h;
end $$;

-- At most so many rows a day of each host, and the bytes of fewer: a host cannot fill the
-- store with complaints about itself.
create or replace function shellac.note_tamper(_host bytea, _kind smallint, _n bigint,
    _seq bigint, _day date, _old bytea, _new bytea, _data bytea) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
	before bigint;
begin
	select count(*) into before from shellac.tamper
	    where host = _host and at > now() - interval '1 day';
	if before < 1000 then
		insert into shellac.tamper (host, kind, n, seq, day, old_hash, new_hash, data)
		values (_host, _kind, _n, _seq, _day, _old, _new,
		    case when before < 200 and octet_length(_data) <= 1048576 then _data end)
		on conflict do nothing;
	end if;
end $$;

-- Which store it is, to a host of it.
create or replace function shellac.hello() returns text
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
	select store::text from shellac.version where shellac.me() is not null
$$;

-- The first day that is kept.
create or replace function shellac.kept_from() returns date
language sql stable security definer set search_path = pg_catalog, pg_temp set jit = off as $$
	select coalesce((now() at time zone 'utc')::date - min(days), '-infinity')
	from shellac.policy
$$;

-- Partitions of these days, of those near today.  What cannot be made now, since others
-- write, is not: piece_other takes the rows.
create or replace function shellac.prepare(_days date[]) returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp
set lock_timeout = '2s' set client_min_messages = 'warning' as $$
declare
	today date := (now() at time zone 'utc')::date;
	d date;
	t text;
	made integer := 0;
begin
	for d in select distinct u from unnest(_days) u
	    where u between today - 400 and today + 2 and u >= shellac.kept_from() order by u
	loop
		foreach t in array array['piece', 'process'] loop
			continue when to_regclass(format('shellac.%I',
			    t || '_' || to_char(d, 'YYYYMMDD'))) is not null;
			begin
				execute format(
				    'create table shellac.%I partition of shellac.%I '
				    'for values from (%L) to (%L)',
				    t || '_' || to_char(d, 'YYYYMMDD'), t, d, d + 1);
				made := made + 1;
			exception when lock_not_available or deadlock_detected or check_violation
			    or duplicate_table then
				null;
			end;
		end loop;
	end loop;
	return made;
end $$;

create or replace function shellac.beat(_behind bigint, _lost bigint, _state text)
returns void
language sql security definer set search_path = pg_catalog, pg_temp as $$
	insert into shellac.seen (host, at, behind, lost, state)
	values (shellac.me(), clock_timestamp(), _behind, _lost, left(_state, 200))
	on conflict (host) do update set at = excluded.at, behind = excluded.behind,
	    lost = excluded.lost, state = excluded.state
$$;
