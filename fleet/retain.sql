-- SPDX-License-Identifier: ISC
-- What is kept, and for how long.

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
