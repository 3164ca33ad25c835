-- SPDX-License-Identifier: ISC
-- What acts on the fleet store's tables.  Run by each shellac fleet init, in one
-- transaction.  All that hosts may call is hello, prepare, beat and what begins with put_;
-- each is run as
-- the owner, knows its host by session_user, which no SET ROLE changes, and names every
-- object with its schema, since the caller's search_path is the caller's.

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

-- Sessions.  A row that is there gets its end, once, and nothing else.
create or replace function shellac.put_sessions(_n bigint[], _id bytea[], _day date[],
    _uid bigint[], _username text[], _tty text[], _remote text[], _hostname text[],
    _started timestamptz[], _ended timestamptz[], _state text[], _status integer[],
    _bytes_in bigint[], _bytes_out bigint[], _chunks bigint[], _size bigint[]) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
set jit = off set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
	h bytea := shellac.me();
	r record;
	keep date := shellac.kept_from();
begin
	insert into shellac.session (host, n, id, day, uid, username, tty, remote, hostname,
	    started, ended, state, status, bytes_in, bytes_out, chunks, size, dropped)
	select h, u.n, u.id, u.day, u.uid, u.username, u.tty, u.remote, u.hostname, u.started,
	    u.ended, u.state, u.status, u.bytes_in, u.bytes_out, u.chunks, u.size,
	    case when u.day < keep then now() end
	from unnest(_n, _id, _day, _uid, _username, _tty, _remote, _hostname, _started, _ended,
	    _state, _status, _bytes_in, _bytes_out, _chunks, _size)
	    as u(n, id, day, uid, username, tty, remote, hostname, started, ended, state, status,
	    bytes_in, bytes_out, chunks, size)
	on conflict do nothing;
	for r in select s.n, s.id as old, u.id, u.day, u.state, u.ended, u.status,
	    u.bytes_in, u.bytes_out, u.chunks, u.size
	    from unnest(_n, _id, _day, _ended, _state, _status, _bytes_in, _bytes_out, _chunks,
	    _size) as u(n, id, day, ended, state, status, bytes_in, bytes_out, chunks, size)
	    join shellac.session s on s.host = h and s.n = u.n
	    where s.id <> u.id or s.state <> u.state
	loop
		if r.old <> r.id then
			perform shellac.note_tamper(h, 1::smallint, r.n, -1, r.day,
			    r.old || r.old, r.id || r.id, null);
			continue;
		end if;
		update shellac.session set state = r.state, ended = r.ended, status = r.status,
		    bytes_in = r.bytes_in, bytes_out = r.bytes_out, chunks = r.chunks,
		    size = r.size
		where host = h and n = r.n and state = 'live' and r.state <> 'live';
		update shellac.session set state = 'purged'
		where host = h and n = r.n and state <> 'live' and r.state = 'purged';
	end loop;
end $$;

-- Chunks of sessions that are known.  Returns how many were there already with other bytes.
create or replace function shellac.put_chunks(_n bigint[], _seq bigint[], _hash bytea[],
    _data bytea[]) returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp
set jit = off set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
	h bytea := shellac.me();
	r record;
	done bigint;
	bad integer := 0;
begin
	if exists (select from unnest(_n) u left join shellac.session s
	    on s.host = h and s.n = u where s.n is null) then
		raise exception 'chunks of a session without a row';
	end if;
	if exists (select from unnest(_data) u where octet_length(u) not between 1 and 131072) then
		raise exception 'a chunk is 1 to 131072 bytes';
	end if;
	insert into shellac.piece (host, day, kind, n, seq, hash, data)
	select h, s.day, 1, u.n, u.seq, u.hash, u.data
	from unnest(_n, _seq, _hash, _data) as u(n, seq, hash, data)
	    join shellac.session s on s.host = h and s.n = u.n
	where s.dropped is null and u.seq >= 0
	on conflict do nothing;
	get diagnostics done = row_count;
	if done = cardinality(_n) then
		return 0;
	end if;
	for r in select u.n, u.seq, s.day, p.hash as old, u.hash, u.data
	    from unnest(_n, _seq, _hash, _data) as u(n, seq, hash, data)
	    cross join lateral (select t.day from shellac.session t
	        where t.host = h and t.n = u.n offset 0) s
	    -- one look into one index for each row, whatever the planner thinks
	    cross join lateral (select t.hash from shellac.piece t where t.host = h
	        and t.kind = 1 and t.n = u.n and t.seq = u.seq and t.day = s.day offset 0) p
	    where p.hash <> u.hash
	loop
		perform shellac.note_tamper(h, 1::smallint, r.n, r.seq, r.day, r.old, r.hash, r.data);
		bad := bad + 1;
	end loop;
	return bad;
end $$;

-- Bytes of a process segment (kind 2) or of the ledger (3) from this offset on.  Returns how
-- many there are now: where that is less than the offset, those in between come first.
-- Bytes that are there already are compared, and told by *changed.
create or replace function shellac.put_bytes(_kind integer, _n bigint, _day date,
    _from bigint, _data bytea, out length bigint, out changed integer)
language plpgsql security definer set search_path = pg_catalog, pg_temp
set jit = off set enable_seqscan = off as $$
declare
	h bytea := shellac.me();
	s record;
	r record;
	part bytea;
	have bytea;
	rest bytea;
begin
	changed := 0;
	if _kind not in (2, 3) or _n < 0 or _from < 0 or octet_length(_data) > 1048576 or
	    (_kind = 3 and _n <> 0) then
		raise exception 'no such bytes';
	end if;
	insert into shellac.stream (host, kind, n, day, length, version)
	values (h, _kind, _n, case _kind when 2 then _day else '1970-01-01' end, 0, 0)
	on conflict do nothing;
	select * into s from shellac.stream t
	where t.host = h and t.kind = _kind and t.n = _n for update;
	length := s.length;
	if _from > s.length then
		return;
	end if;
	-- the pieces that these bytes reach into, the one before _from among them
	if _from < s.length and octet_length(_data) > 0 then
		for r in select p.seq, p.hash, p.data from shellac.piece p
		    where p.host = h and p.kind = _kind and p.n = _n and p.day = s.day
		    and p.seq < _from + octet_length(_data)
		    and p.seq >= coalesce((select max(q.seq) from shellac.piece q
		        where q.host = h and q.kind = _kind and q.n = _n and q.day = s.day
		        and q.seq <= _from), 0)
		    order by p.seq
		loop
			part := substr(_data, greatest(r.seq - _from, 0)::integer + 1,
			    (least(r.seq + octet_length(r.data), _from + octet_length(_data)) -
			    greatest(r.seq, _from))::integer);
			have := substr(r.data, greatest(_from - r.seq, 0)::integer + 1,
			    octet_length(part));
			if part <> have then
				perform shellac.note_tamper(h, _kind::smallint, _n, r.seq, s.day, r.hash,
				    sha256(part), part);
				changed := changed + 1;
			end if;
		end loop;
	end if;
	if _from + octet_length(_data) <= s.length then
		return;
	end if;
	rest := substr(_data, (s.length - _from)::integer + 1);
	length := s.length + octet_length(rest);
	if s.day >= shellac.kept_from() or _kind = 3 then
		insert into shellac.piece (host, day, kind, n, seq, hash, data)
		values (h, s.day, _kind, _n, s.length, sha256(rest), rest);
	end if;
	update shellac.stream t set length = put_bytes.length, at = now()
	where t.host = h and t.kind = _kind and t.n = _n;
end $$;

-- A whole file below the host's store, where it is not there just so; NULL: it is gone from
-- the host.
create or replace function shellac.put_file(_path text, _data bytea) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
set jit = off set enable_seqscan = off as $$
declare
	h bytea := shellac.me();
	s record;
	fresh bytea := sha256(_data);
	old bytea;
begin
	if _path !~ '^[A-Za-z0-9._-]{1,100}(/[A-Za-z0-9._-]{1,100}){0,5}$' or
	    _path ~ '(^|/)[.]{1,2}(/|$)' then
		raise exception 'no such path';
	end if;
	-- one at a time for each host: they are numbered
	perform from shellac.host where id = h for no key update;
	select * into s from shellac.stream t where t.host = h and t.path = _path;
	if _data is null then
		update shellac.stream t set gone = now()
		where t.host = h and t.path = _path and t.gone is null;
		return;
	end if;
	if s.n is null then
		insert into shellac.stream (host, kind, n, day, path, length, version)
		select h, 4, coalesce(max(t.n), 0) + 1, '1970-01-01', _path, octet_length(_data), 0
		from shellac.stream t where t.host = h and t.kind = 4
		returning * into s;
	else
		select p.hash into old from shellac.piece p where p.host = h and p.kind = 4
		    and p.n = s.n and p.seq = s.version and p.day = '1970-01-01';
		if old = fresh then
			update shellac.stream t set gone = null
			where t.host = h and t.path = _path and t.gone is not null;
			return;
		end if;
		s.version := s.version + 1;
		update shellac.stream t set gone = null, version = s.version, at = now(),
		    length = octet_length(_data)
		where t.host = h and t.path = _path;
	end if;
	insert into shellac.piece (host, day, kind, n, seq, hash, data)
	values (h, '1970-01-01', 4, s.n, s.version, fresh, _data);
end $$;

-- Of the files straight below this folder the host has these, and no others any more.
create or replace function shellac.put_folder(_folder text, _names text[]) returns void
language sql security definer set search_path = pg_catalog, pg_temp as $$
	update shellac.stream t set gone = now()
	where t.host = shellac.me() and t.kind = 4 and t.gone is null
	    and starts_with(t.path, _folder || '/')
	    and strpos(substr(t.path, length(_folder) + 2), '/') = 0
	    and substr(t.path, length(_folder) + 2) <> all (_names)
$$;

create or replace function shellac.put_processes(_segment bigint[], _slot bigint[],
    _exec_segment bigint[], _exec_slot bigint[],
    _started timestamptz[], _ended timestamptz[], _uid bigint[], _gid bigint[],
    _username text[], _session bigint[], _outer bigint[], _pid bigint[], _ppid bigint[],
    _start_ticks bigint[], _ordinal integer[], _tty text[], _comm text[], _exe text[],
    _cwd text[], _args text[], _status integer[], _acct_flags smallint[], _flags integer[],
    _reason smallint[], _certainty smallint[], _origin smallint[], _elapsed_s float8[],
    _cpu_s float8[]) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp set jit = off as $$
declare
	h bytea := shellac.me();
begin
	insert into shellac.process (host, day, segment, slot, exec_segment, exec_slot, started,
	    ended, uid, gid, username, session, outer_session, pid, ppid, start_ticks, ordinal,
	    tty, comm, exe, cwd, args, status, acct_flags, flags, reason, certainty, origin,
	    elapsed_s, cpu_s)
	select h, coalesce((u.started at time zone 'utc')::date, '1970-01-01'), u.segment, u.slot,
	    u.exec_segment, u.exec_slot, u.started, u.ended, u.uid, u.gid, u.username, u.session,
	    u.outer_session, u.pid, u.ppid, u.start_ticks, u.ordinal, u.tty, u.comm, u.exe, u.cwd,
	    u.args, u.status, u.acct_flags, u.flags, u.reason, u.certainty, u.origin, u.elapsed_s,
	    u.cpu_s
	from unnest(_segment, _slot, _exec_segment, _exec_slot, _started, _ended, _uid, _gid,
	    _username, _session, _outer, _pid, _ppid, _start_ticks, _ordinal, _tty, _comm, _exe,
	    _cwd, _args, _status, _acct_flags, _flags, _reason, _certainty, _origin, _elapsed_s,
	    _cpu_s) as u(segment, slot, exec_segment, exec_slot, started, ended, uid, gid, username,
	    session, outer_session, pid, ppid, start_ticks, ordinal, tty, comm, exe, cwd, args,
	    status, acct_flags, flags, reason, certainty, origin, elapsed_s, cpu_s)
	on conflict do nothing;
end $$;

-- What came here before it was gone is not lost.
create or replace function shellac.put_lost(_n bigint, _seq bigint, _reason text) returns void
language sql security definer set search_path = pg_catalog, pg_temp set jit = off as $$
	insert into shellac.lost (host, n, seq, reason)
	select h, _n, _seq, left(_reason, 200) from shellac.me() h
	where not exists (select from shellac.piece p where p.host = h and p.kind = 1
	        and p.n = _n and p.seq >= _seq)
	    and not exists (select from shellac.session s where s.host = h and s.n = _n
	        and s.dropped is not null)
	on conflict do nothing
$$;

create or replace function shellac.beat(_behind bigint, _lost bigint, _state text)
returns void
language sql security definer set search_path = pg_catalog, pg_temp as $$
	insert into shellac.seen (host, at, behind, lost, state)
	values (shellac.me(), clock_timestamp(), _behind, _lost, left(_state, 200))
	on conflict (host) do update set at = excluded.at, behind = excluded.behind,
	    lost = excluded.lost, state = excluded.state
$$;

-- Sessions that are held: here, or on their host.
create or replace view shellac.held as
	select host, n from shellac.hold
	union
	select host, case when path ~ '^hold/[0-9]{1,18}$' then substr(path, 6)::bigint end
	from shellac.stream where kind = 4 and gone is null and path ~ '^hold/[0-9]{1,18}$';

-- Deletes days that the policy no longer keeps; a held session, and the process segments of
-- its host and day, stay.  Returns the number of rows of evidence that went, and of those
-- that holds kept.
create or replace function shellac.retain(out before date, out gone bigint, out kept bigint)
language plpgsql security definer set search_path = pg_catalog, pg_temp
set lock_timeout = '60s' as $$
declare
	r record;
	c bigint;
begin
	select (now() at time zone 'utc')::date - min(days) into before from shellac.policy;
	gone := 0;
	kept := 0;
	if before is null then
		return;
	end if;
	for r in select c.oid::regclass as t, c.relname, p.relname as parent,
	    to_date(substr(c.relname, length(p.relname) + 2), 'YYYYMMDD') as day
	    from pg_class c join pg_inherits i on i.inhrelid = c.oid
	    join pg_class p on p.oid = i.inhparent
	    where p.oid in ('shellac.piece'::regclass, 'shellac.process'::regclass)
	    and c.relname ~ '^(piece|process)_[0-9]{8}$'
	    and to_date(substr(c.relname, length(p.relname) + 2), 'YYYYMMDD') < before
	loop
		if exists (select from shellac.held h join shellac.session s using (host, n)
		    where s.day = r.day) then
			continue; -- row by row, below
		end if;
		if r.parent = 'piece' then
			execute format('select count(*) from %s', r.t) into c;
			gone := gone + c;
		end if;
		execute format('drop table %s', r.t);
	end loop;
	delete from shellac.piece p where p.day < retain.before and p.kind in (1, 2)
	    and not exists (select from shellac.held h join shellac.session s using (host, n)
	    where h.host = p.host and s.day = p.day and (p.kind = 2 or h.n = p.n));
	get diagnostics c = row_count;
	gone := gone + c;
	select count(*) into kept from shellac.piece p
	    where p.day < retain.before and p.kind in (1, 2);
	delete from shellac.process p where p.day < retain.before and not exists
	    (select from shellac.held h where h.host = p.host and h.n = p.session);
	update shellac.session s set dropped = now(), uid = null, username = null, tty = null,
	    remote = null
	where s.day < retain.before and s.dropped is null and not exists
	    (select from shellac.held h where h.host = s.host and h.n = s.n);
	-- versions of small files that newer ones replaced, and files that their hosts dropped
	delete from shellac.piece p using shellac.stream t
	where p.kind = 4 and p.day = '1970-01-01' and t.host = p.host and t.kind = 4
	    and t.n = p.n and p.at < retain.before
	    and (p.seq < t.version or t.gone < retain.before);
	delete from shellac.stream t where t.kind = 4 and t.gone < retain.before;
	insert into shellac.retained (before, pieces) values (retain.before, gone);
end $$;

revoke all on all functions in schema shellac from public;
revoke all on all tables in schema shellac from public;
grant usage on schema shellac to shellac_host, shellac_auditor, shellac_retention;
grant execute on function shellac.hello, shellac.prepare, shellac.put_sessions,
    shellac.put_chunks, shellac.put_bytes, shellac.put_file, shellac.put_folder,
    shellac.put_processes, shellac.put_lost, shellac.beat to shellac_host;
grant select on all tables in schema shellac to shellac_auditor;
grant execute on function shellac.retain to shellac_retention;
grant execute on function shellac.prepare to shellac_retention;
grant select on shellac.version, shellac.host, shellac.session, shellac.held
    to shellac_retention;
grant select, insert, delete on shellac.policy to shellac_retention;
grant select, insert, update, delete on shellac.hold to shellac_retention;
reset role;

-- What else a login could do in this database.
do $$
declare
	f record;
begin
	execute format('revoke create, temporary on database %I from public', current_database());
	revoke create on schema public from public;
	for f in select oid::regprocedure as sig from pg_proc where pronamespace =
	    'pg_catalog'::regnamespace and proname in ('lo_creat', 'lo_create', 'lo_from_bytea',
	    'lo_import', 'lo_put', 'lo_open', 'lowrite', 'lo_unlink', 'lo_export', 'lo_truncate',
	    'lo_truncate64')
	loop
		execute format('revoke execute on function %s from public', f.sig);
	end loop;
exception when insufficient_privilege then
	raise warning 'not all rights of public in this database could be taken away: run shellac '
	    'fleet init as a superuser once';
end $$;
