-- SPDX-License-Identifier: ISC
-- What a host's cursor says is here and is not: after a backup was restored, or a server took
-- over that had not everything yet.

-- Of the sessions below _below and of _done, those without the row that says how it ended.
-- That row comes behind all chunks, so whatever a server forgets from some time on shows in
-- it; of the thousand that ended last the last chunk is looked for, too.  And how long the
-- ledger is here, and the last segment of process records, 0 for none.
create or replace function shellac.lacking(_below bigint, _done bigint[],
    out sessions bigint[], out ledger bigint, out segment bigint, out segment_length bigint)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
set jit = off as $$
declare
	h bytea := shellac.me();
begin
	if _below not between 1 and 100000000 or cardinality(_done) > 1000000 then
		raise exception 'no such sessions';
	end if;
	with said as (
		select g as n from generate_series(1, _below - 1) g
		union select unnest(_done)
	), recent as (
		select s.n, s.day, s.chunks from shellac.session s
		where s.host = h and s.state in ('closed', 'cut') and s.chunks > 0
		    and s.dropped is null and (s.n < _below or s.n = any (_done))
		order by s.ended desc nulls last limit 1000
	)
	select array_agg(x.n order by x.n) into sessions from (
		select u.n from said u where not exists (select from shellac.session s
		    where s.host = h and s.n = u.n and s.state <> 'live')
		    -- nor will one come for a number that another session has
		    and not exists (select from shellac.tamper t where t.host = h and t.kind = 1
		        and t.n = u.n and t.seq = -1)
		union
		select r.n from recent r where not exists (select from shellac.piece p
		    where p.host = h and p.kind = 1 and p.n = r.n and p.seq = r.chunks - 1
		    and p.day = r.day)
		    and not exists (select from shellac.lost l where l.host = h and l.n = r.n)
	) x;
	select coalesce(max(t.length), 0) into ledger from shellac.stream t
	where t.host = h and t.kind = 3 and t.n = 0;
	select t.n, t.length into segment, segment_length from shellac.stream t
	where t.host = h and t.kind = 2 order by t.n desc limit 1;
	segment := coalesce(segment, 0);
	segment_length := coalesce(segment_length, 0);
end $$;
