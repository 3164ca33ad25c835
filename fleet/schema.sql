-- SPDX-License-Identifier: ISC
-- The fleet store's tables.  Run once, in one transaction, by shellac fleet init; how their
-- data lies is in storage.sql, what acts on them in functions.sql.  A host's role has no right
-- to any of them: it can call the functions that put, which take the host from who logged in.

do $$
declare
	r text;
begin
	foreach r in array array['shellac_owner', 'shellac_host', 'shellac_auditor',
	    'shellac_retention'] loop
		if not exists (select from pg_catalog.pg_roles where rolname = r) then
			execute pg_catalog.format('create role %I nologin', r);
		end if;
	end loop;
	-- who made the roles may not be a superuser: what follows acts for the owner
	execute pg_catalog.format('grant shellac_owner to %I', current_user);
end $$;

create schema shellac authorization shellac_owner;
set local role shellac_owner;

-- store: which store this is, for whoever keeps a cursor of what is in it.
create table shellac.version (version integer not null,
	store uuid not null default gen_random_uuid());
insert into shellac.version values (1);

-- A host whose rows are taken.  id: see shellac-format(5), "Conventions".
create table shellac.host (
	id bytea primary key check (octet_length(id) = 16),
	name text not null unique check (name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$'),
	role name not null unique,
	heartbeat_s integer not null default 90 check (heartbeat_s > 0),
	enrolment text,                -- the note, as it was added; nobody's proof
	added timestamptz not null default now()
);

-- What a host said last, and when.
create table shellac.seen (
	host bytea primary key references shellac.host on delete cascade,
	at timestamptz not null,
	behind bigint not null,        -- bytes of its store that are not here yet
	lost bigint not null,          -- sessions it says were gone before they were here
	state text not null
);

-- Evidence, byte for byte.  Kinds:
--   1 session: n its number, seq the chunk; the frames behind the SEAL before, up to and
--     with its own (chunk 0: from CERT on).  The unsealed end of a session that was cut is
--     the piece behind the last chunk.  hash: BLAKE2b-256 of data, by the host.
--   2 process segment: n its number, seq the offset in it
--   3 ledger/log: n 0, seq the offset in it
--   4 other files: n as in stream, seq the version, from 0; data all of it
-- hash of 2 to 4: SHA-256 of data.  day: 1 that of the session's folder, 2 of the segment's
-- first slot (UTC); 3 and 4 are of no day, 1970-01-01.
create table shellac.piece (
	host bytea not null,
	day date not null,
	kind smallint not null,
	n bigint not null,
	seq bigint not null,
	hash bytea not null check (octet_length(hash) = 32),
	data bytea not null check (octet_length(data) <= 16777216),
	at timestamptz not null default now(),
	primary key (host, kind, n, seq, day)
) partition by range (day);

-- Rows of no day, and rows of days for which there was no partition when they came.
create table shellac.piece_always partition of shellac.piece
	for values from (minvalue) to ('1970-01-02');
create table shellac.piece_other partition of shellac.piece default;

-- Kinds 2 to 4: what there is of it.
create table shellac.stream (
	host bytea not null references shellac.host on delete cascade,
	kind smallint not null,
	n bigint not null,
	day date not null,
	path text,                     -- kind 4: below the host's store
	length bigint not null,        -- kinds 2, 3: bytes here; 4: of the newest version
	version bigint not null,       -- kind 4: the newest
	at timestamptz not null default now(), -- of the newest bytes
	gone timestamptz,              -- the host no longer has it
	primary key (host, kind, n),
	unique (host, path)
) with (fillfactor = 70);

-- Sessions, for quick questions: as their hosts say, and no evidence.  What was said first
-- stays.
create table shellac.session (
	host bytea not null references shellac.host on delete cascade,
	n bigint not null check (n > 0),
	id bytea not null check (octet_length(id) = 16),
	day date not null,
	uid bigint,
	username text,
	tty text,
	remote text,
	hostname text,
	started timestamptz,
	ended timestamptz,
	state text not null check (state in ('live', 'closed', 'cut', 'purged')),
	status integer,                -- as wait(2) gives it
	bytes_in bigint,
	bytes_out bigint,
	chunks bigint,                 -- SEALs, once it has ended
	size bigint,                   -- bytes of its stream, once it has ended
	dropped timestamptz,           -- its pieces are gone from here, by policy
	primary key (host, n)
) with (fillfactor = 70);
create index session_id on shellac.session (id);
create index session_username on shellac.session (username, started);
create index session_started on shellac.session (started);
create index session_day on shellac.session (day);
create index session_uid on shellac.session (host, uid, n);

-- Processes that have ended, likewise.  day: of started, UTC.
create table shellac.process (
	host bytea not null,
	day date not null,
	segment bigint not null,       -- its record: kind 2, n,
	slot bigint not null,          -- and the number of the slot, from 0
	exec_segment bigint,           -- that of its last EXEC, likewise, null for none
	exec_slot bigint,
	started timestamptz,
	ended timestamptz,
	uid bigint not null,
	gid bigint not null,
	username text,
	session bigint,
	outer_session bigint,
	pid bigint not null,
	ppid bigint not null,
	start_ticks bigint not null,
	ordinal integer not null,
	tty text,
	comm text not null,
	exe text,
	cwd text,
	args text,                     -- arguments with a space between
	status integer not null,       -- as wait(2) gives it
	acct_flags smallint not null,  -- ACCT_F_, acct(5)
	flags integer not null,        -- of the record, shellac-format(5)
	reason smallint not null,
	certainty smallint not null,
	origin smallint not null,
	elapsed_s double precision not null,
	cpu_s double precision not null,
	primary key (host, segment, slot, day)
) partition by range (day);
create table shellac.process_other partition of shellac.process default;
create index process_uid on shellac.process (host, uid, started);
create index process_started on shellac.process (started);
create index process_session on shellac.process (host, session) where session is not null;
create index process_comm on shellac.process (comm, started);

-- The same key came again with other bytes.  The first ones stay; these are kept beside.
create table shellac.tamper (
	host bytea not null references shellac.host on delete cascade,
	kind smallint not null,
	n bigint not null,
	seq bigint not null,
	day date not null,
	old_hash bytea not null,
	new_hash bytea not null,
	data bytea,                    -- what came, NULL where too much did
	at timestamptz not null default now(),
	primary key (host, kind, n, seq, new_hash)
);
alter table shellac.tamper alter column data set storage external;
create index tamper_at on shellac.tamper (host, at);

-- Sessions, or the rest of them, that a host had no more when it could have sent them.
create table shellac.lost (
	host bytea not null references shellac.host on delete cascade,
	n bigint not null,
	seq bigint not null,           -- the first chunk that is not here
	reason text not null,
	at timestamptz not null default now(),
	primary key (host, n, seq)
);

-- Sessions that no retention touches.
create table shellac.hold (
	host bytea not null references shellac.host on delete cascade,
	n bigint not null,
	reason text not null,
	who name not null default session_user,
	at timestamptz not null default now(),
	primary key (host, n)
);

-- How long days are kept; no row: for ever.
create table shellac.policy (
	days integer not null check (days between 1 and 36500),
	who name not null default session_user,
	at timestamptz not null default now()
);
create table shellac.retained (
	at timestamptz not null default now(),
	who name not null default session_user,
	before date not null,          -- days before it went,
	pieces bigint not null         -- so many rows of evidence
);

reset role;
