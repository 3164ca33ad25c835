-- SPDX-License-Identifier: ISC
-- Sessions, and the pieces of evidence that they are.

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

-- Chunks of sessions that are known: where each is in _data, and how long.  One string for
-- all, since an array of them is copied once more at each step of its way.  Returns how many
-- were there already with other bytes.
create or replace function shellac.put_chunks(_n bigint[], _seq bigint[], _hash bytea[],
    _at integer[], _length integer[], _data bytea) returns integer
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
	if exists (select from unnest(_n, _at, _length) as u(n, at, length) where n is null
	    or at is null or at < 0 or length is null or length not between 1 and 131072
	    or at::bigint + length > octet_length(_data)) then
		raise exception 'a chunk is 1 to 131072 bytes';
	end if;
	insert into shellac.piece (host, day, kind, n, seq, hash, data)
	select h, s.day, 1, u.n, u.seq, u.hash, substr(_data, u.at + 1, u.length)
	from unnest(_n, _seq, _hash, _at, _length) as u(n, seq, hash, at, length)
	    join shellac.session s on s.host = h and s.n = u.n
	where s.dropped is null and u.seq >= 0
	on conflict do nothing;
	get diagnostics done = row_count;
	if done = cardinality(_n) then
		return 0;
	end if;
	for r in select u.n, u.seq, s.day, p.hash as old, u.hash, u.at, u.length
	    from unnest(_n, _seq, _hash, _at, _length) as u(n, seq, hash, at, length)
	    cross join lateral (select t.day from shellac.session t
	        where t.host = h and t.n = u.n offset 0) s
	    -- one look into one index for each row, whatever the planner thinks
	    cross join lateral (select t.hash from shellac.piece t where t.host = h
	        and t.kind = 1 and t.n = u.n and t.seq = u.seq and t.day = s.day offset 0) p
	    where p.hash <> u.hash
	loop
		perform shellac.note_tamper(h, 1::smallint, r.n, r.seq, r.day, r.old, r.hash,
		    substr(_data, r.at + 1, r.length));
		bad := bad + 1;
	end loop;
	return bad;
end $$;

-- Likewise, from forwarders of before.
create or replace function shellac.put_chunks(_n bigint[], _seq bigint[], _hash bytea[],
    _data bytea[]) returns integer
language sql security definer set search_path = pg_catalog, pg_temp as $$
	select shellac.put_chunks(_n, _seq, _hash, array_agg((u.behind - u.length)::integer
	    order by u.i), array_agg(u.length order by u.i), string_agg(u.data, '' order by u.i))
	from (select w.i, w.data, octet_length(w.data) as length,
	    sum(octet_length(w.data)) over (order by w.i) as behind
	    from unnest(_data) with ordinality as w(data, i)) u
$$;

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
