-- SPDX-License-Identifier: ISC
-- Processes that have ended, for quick questions.

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
