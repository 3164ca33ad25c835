-- SPDX-License-Identifier: ISC
-- How evidence lies on the disk: compressed with lz4, which costs the server less than what
-- it then need not write, or where it was built without that, as it comes.  What is there
-- stays as it is.  Run by each shellac fleet init.

set local role shellac_owner;
do $$
declare
	lz4 boolean := exists (select from pg_catalog.pg_settings
	    where name = 'default_toast_compression' and 'lz4' = any (enumvals));
	want_storage "char" := case when lz4 then 'x' else 'e' end;
	want_compression "char" := case when lz4 then 'l' else '' end;
	r record;
	locked boolean := false;
	before text := pg_catalog.current_setting('lock_timeout');
begin
	perform pg_catalog.set_config('lock_timeout', '10s', true);
	for r in select c.oid::pg_catalog.regclass as t, a.attstorage, a.attcompression
	    from pg_catalog.pg_attribute a join pg_catalog.pg_class c on c.oid = a.attrelid
	    where a.attname = 'data' and (c.oid = 'shellac.piece'::pg_catalog.regclass or
	    c.oid in (select inhrelid from pg_catalog.pg_inherits
	        where inhparent = 'shellac.piece'::pg_catalog.regclass))
	    and (a.attstorage <> want_storage or a.attcompression <> want_compression)
	loop
		if not locked then
			-- and its partitions, in the order in which everybody else takes them
			lock table shellac.piece in access exclusive mode;
			locked := true;
		end if;
		execute pg_catalog.format('alter table only %s alter column data set storage %s, '
		    'alter column data set compression %s', r.t,
		    case when lz4 then 'extended' else 'external' end,
		    case when lz4 then 'lz4' else 'default' end);
	end loop;
	perform pg_catalog.set_config('lock_timeout', before, true);
exception when lock_not_available then
	raise warning 'the fleet store is being read or written: what comes now is stored as before; '
	    'run shellac fleet init again';
end $$;
reset role;
