-- SPDX-License-Identifier: ISC
-- Who may call what.  Last, for the functions' sake.

revoke all on all functions in schema shellac from public;
revoke all on all tables in schema shellac from public;
grant usage on schema shellac to shellac_host, shellac_auditor, shellac_retention;
grant execute on function shellac.hello, shellac.prepare, shellac.put_sessions,
    shellac.put_chunks(bigint[], bigint[], bytea[], integer[], integer[], bytea),
    shellac.put_chunks(bigint[], bigint[], bytea[], bytea[]),
    shellac.put_bytes, shellac.put_file, shellac.put_folder, shellac.put_processes,
    shellac.put_lost, shellac.beat, shellac.lacking to shellac_host;
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
