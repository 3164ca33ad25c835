-- SPDX-License-Identifier: ISC
-- Other evidence: files that grow, and small ones.

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
