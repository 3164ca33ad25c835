/* SPDX-License-Identifier: ISC */
/*
 * How the frames of one session get from its recorder to the disk: Promela, for
 * spin(1).  tests/system/102-model.t runs it.  Each step is named after the function
 * of recorder/ or collector/ that takes it; what it says of bytes is shellac-format(5),
 * REGISTRATION and THE SPOOL.
 *
 * A frame is two units, so that the FIFO can hold the start of one; unit 2f is the
 * first half of frame f.  The program reads a line, prints, ends; the session was
 * registered before (frame 0 is not here), and no disk loses what fdatasync(2) had.
 * Whoever may be killed is killed anywhere: the collector CRASHES times, the recorder
 * once or never.  Not here: other sessions, quotas, keys, the LATE registration, which
 * is a turn to the spool before frame 1.
 *
 * A collector that is told to end reads no more, and parks what is in the FIFO of a recorder
 * that is gone; that is one of the CRASHES, too.  FULL times the store takes nothing for a
 * while: then it does the same, and goes on.
 *
 * What must be true is an assert(); a state without a way on is an error, too, and so
 * is a way that never ends (pan -l).  The checker finds each of these, by -D; from BUG_LEFT
 * on they were in the programs:
 *
 *	BUG_CONSUME   what is in the FIFO is taken out before it is in the file
 *	BUG_ACK       an ack before fdatasync(2) returned
 *	BUG_DOUBLES   frames that the file has are not dropped
 *	BUG_TOLD      back to the FIFO although the spool grew since SPOOLED
 *	BUG_REST      the half frame in the FIFO is left there
 *	BUG_RESUME    RESUME is answered with what is not on disk
 *	BUG_SILENT    who comes back does not hear again that there is a spool
 *	BUG_LEFT      a recorder's end ends the session where SPOOLED did
 *	BUG_TORN      half a frame at the end of a killed recorder's spool is a lie
 *	BUG_WAIT      what a closed session's FIFO has is left there (with STRICT)
 *	BUG_LOOK      who is gone left no more than half a frame, as seen before
 *	BUG_PARK      what is in the FIFO of who is gone is left there at the end
 *	BUG_PART      likewise, where the spool has a part of it
 *
 * STRICT is the configuration without a spool.
 */
#ifndef CRASHES
#define CRASHES 2
#endif
#ifndef KILLS
#define KILLS 1
#endif

#ifndef FULL
#define FULL 0
#endif

#define FIFO_MAX 3     /* units */
#define DRAIN_MAX 2    /* of one read of the spool */
#define SPOOL_MAX 6 
#define RESERVE 4      /* of it, for GAP and END */
#define FRAMES_MAX 6

mtype = { LINE, LATE, OUT, GAP, END };                 /* frames */
mtype = { NOT_CONNECTED, ASKED, ATTACHED, HUNG_UP };   /* the recorder's socket */
mtype = { GOES_ON, CLOSED, CUT };
mtype = { READS, WAITS, PRINTS, ENDS, ENDED };

/* What outlives a process. */
byte fifo[FIFO_MAX], fifo_len;
byte spool[SPOOL_MAX], spool_len;
bool is_read;                          /* the collector has read of this generation of it */
bool spool_exists = true, fifo_exists = true;
byte store[FRAMES_MAX + 3], stored;    /* numbers of frames; store[0] is the certificate */
byte on_disk;                          /* so many of them */
mtype named = GOES_ON;                 /* the file's name */

/* The socket: what is on its way. */
mtype socket = ATTACHED;
bool to_tell;                          /* SPOOLED */
byte to_tell_len;
bool ack_sent, drained_sent, unknown_sent;
byte ack_frame;

/* The recorder; what others may see of it, or the checks. */
bool alive = true;
bool finished;                         /* alive ended by itself */
bool on_spool;
bool may_lose;
mtype kind[FRAMES_MAX + 1];            /* of the frames that it made */
byte says_lost[FRAMES_MAX + 1];        /* by a GAP */
byte made;
byte at = 2;                           /* first unit that is neither in FIFO nor spool */
byte acked;
byte happened;                         /* events */
bool excused;                          /* FIFO and all who had it open went together */
byte safe;                             /* frames that a killed recorder had handed on */

/* The collector. */
bool up = true;
byte crashes, kills;

#define LAST_UNIT (2 * made + 1)
#define PENDING (at <= LAST_UNIT)
#define HANDED_ON ((at - 2) / 2)
#define LINK_UP (socket == ATTACHED && answered || socket == HUNG_UP && answered)
#define IS_SEAL(f) (kind[f] == LINE || kind[f] == GAP || kind[f] == END)
#define NUMBER (store[stored])         /* of the last frame in the file */
#define HAS_END (stored > 0 && kind[NUMBER] == END)

inline unheard()
{
	ack_sent = false; drained_sent = false; unknown_sent = false; ack_frame = 0
}

/* The last reader or writer of the FIFO goes. */
inline pipe_is_gone()
{
	if
	:: fifo_len > 0 && !on_spool && !finished -> excused = true
	:: else
	fi
	do
	:: fifo_len > 0 -> fifo_len--; fifo[fifo_len] = 0
	:: else -> break
	od
}

inline recorder_goes()
{
	alive = false;
	safe = HANDED_ON;
	socket = NOT_CONNECTED;
	to_tell = false; to_tell_len = 0;
	unheard();
	if
	:: !up -> pipe_is_gone()
	:: else
	fi
}

inline collector_goes()
{
	crashes++;
	up = false;
	if
	:: socket == ATTACHED -> socket = HUNG_UP;
		to_tell = false; to_tell_len = 0
	:: else
	fi;
	if
	:: !alive -> pipe_is_gone()
	:: else
	fi
}

active proctype Chaos()
{
	if
	:: true
	:: kills = KILLS /* nobody is: it has to end by itself */
	fi;
end:	do
	:: d_step { up && crashes < CRASHES -> collector_goes() }
	/* a peer that did not read all resets the connection: what it sent is lost */
	:: d_step { up && crashes < CRASHES && socket == ATTACHED &&
		(ack_sent || drained_sent || unknown_sent) -> collector_goes(); unheard() }
	:: d_step { alive && kills < KILLS -> kills++; recorder_goes() }
	od
}

/* ---- recorder ------------------------------------------------------------------ */

inline make(what)
{
	made++;
	kind[made] = what
}

/* spool_begin() */
inline spool_begin()
{
	do
	:: spool_len > 0 -> spool_len--; spool[spool_len] = 0
	:: else -> break
	od;
	is_read = false
}

/* spool_write() of one unit: it counts when the length says so */
inline spool_put(u)
{
	spool[spool_len] = u;
	spool_len++
}

/* is_lost() */
#define NO_ROOM (on_spool && may_lose && (lost > 0 || \
	SPOOL_MAX - spool_len < RESERVE + (LAST_UNIT + 1 - at) + 2))

/* An event of the kind that is given, or a place in the next GAP. */
inline event(what)
{
	happened++;
	if
	:: NO_ROOM -> lost++
	:: else -> make(what)
	fi
}

/* seal_gap() */
inline gap()
{
	if
	:: lost > 0 -> make(GAP); says_lost[made] = lost; lost = 0
	:: else
	fi
}

/* The end may use the reserve. */
#define KEPT (program == ENDED -> 0 : RESERVE)

inline flush_spool(kept)
{
	do
	:: PENDING && SPOOL_MAX - spool_len >= kept + 2 ->
		spool_put(at); at++;
		if
		:: at % 2 == 1 -> spool_put(at); at++
		:: else
		fi
	:: else -> break
	od
}

/* record_flush(): one write(2), or whole frames */
inline flush()
{
	if
	:: on_spool -> flush_spool(KEPT)
	:: else ->
		do
		:: PENDING && fifo_len < FIFO_MAX ->
			fifo[fifo_len] = at; fifo_len++; at++
		:: else -> break
		od
	fi
}

/* link_lost() */
inline link_lost()
{
	socket = NOT_CONNECTED;
	answered = false;
#ifndef BUG_SILENT
	told_there = false;
#endif
	unheard()
}

/* away.c:tell() */
inline tell()
{
	told = spool_len;
	told_there = true;
	to_tell = socket == ATTACHED;
	to_tell_len = (socket == ATTACHED -> told : 0)
}

#define STANDS (PENDING || settling || STRICT_AWAY || !SEES_IT)
#ifdef STRICT
#define STRICT_AWAY (!LINK_UP)
#define HAS_SPOOL false
#else
#define STRICT_AWAY false
#define HAS_SPOOL true
#endif

/* ---- collector ----------------------------------------------------------------- */

inline refuse()
{
	assert(false) /* an honest session is refused */
}

/* The last SEAL in the file. */
inline sealed_frame(f)
{
	f = stored;
	do
	:: f > 0 && !IS_SEAL(store[f]) -> f--
	:: else -> break
	od;
	f = (f > 0 -> store[f] : 0)
}

inline session_dirty()
{
	dirty = true
}

inline session_close(how)
{
	end = how;
	session_dirty()
}

/* session_ack() */
inline session_ack()
{
	if
	:: attached && socket == ATTACHED ->
		assert(synced == 0 || synced <= store[on_disk]); /* acked: on disk */
		ack_sent = true; ack_frame = synced
	:: else
	fi
}

/* intake_take() of the held units in buf; take: those that may go.  One frame is
 * written by one write(2), of which a part does not count, recover_file(). */
inline intake_take()
{
	take = 0;
	do
	:: take + 2 <= held && !HAS_END ->
		if
		:: buf[take] % 2 == 1 || buf[take + 1] != buf[take] + 1 -> refuse()
		:: else
		fi;
		if
#ifdef BUG_DOUBLES
		:: buf[take] / 2 <= NUMBER + 1 ->
#else
		:: buf[take] / 2 <= NUMBER
		:: buf[take] / 2 == NUMBER + 1 ->
#endif
			stored++; store[stored] = buf[take] / 2;
			session_dirty()
		:: buf[take] / 2 > NUMBER + 1 -> refuse()
		fi;
		take = take + 2
	:: else -> break
	od
}

/* fifo_drain_consume() */
inline consume(n)
{
	d_step {
		i = 0;
		do
		:: i + n < fifo_len -> fifo[i] = fifo[i + n]; i++
		:: else -> break
		od;
		do
		:: fifo_len > i -> fifo_len--; fifo[fifo_len] = 0
		:: else -> break
		od;
		i = 0
	}
}

/* session_spool_left(): begin() where there is more */
#define SPOOL_LEFT (spool_exists && spool_len > 0 && \
	!(is_read && spool_len <= read_off))

inline spool_begin_read(length)
{
	read_off = (is_read -> read_off : 0);
	if
	:: length < read_off -> refuse()
	:: else
	fi;
	is_read = true;
	read_len = length;
	spooling = true;
	drained_due = false
}

/* session_ended_by_writer(): nobody but a killed recorder may be cut */
inline cut()
{
	assert(!alive && !finished);
	session_close(CUT)
}

inline left_or_cut()
{
	d_step {
#ifndef BUG_TORN
		gone = true;
#endif
		if
		:: SPOOL_LEFT -> spool_begin_read(spool_len)
		:: else -> cut()
		fi
	}
}

/* session_spool.c:drained() */
inline drained()
{
	d_step { spooling = false; read_len = 0 };
#ifndef BUG_REST
	consume(fifo_len); /* session_drop_rest() */
#endif
	if
#ifdef BUG_LEFT
	:: gone -> d_step { cut() }
#else
	:: gone -> left_or_cut()
#endif
	:: else -> d_step { drained_due = attached; session_dirty() }
	fi
}

inline forget_buf()
{
	do
	:: held > 0 -> held--; buf[held] = 0
	:: else -> break
	od
}

/* session_spool_turn() */
inline session_spool_turn()
{
	if
	:: read_off == read_len -> drained()
	:: read_off < read_len ->
		d_step {
			do
			:: held < DRAIN_MAX && read_off + held < read_len ->
				buf[held] = spool[read_off + held]; held++
			:: else -> break
			od;
			intake_take();
			read_off = read_off + take;
			if
			:: HAS_END -> session_close(CLOSED)
			:: !HAS_END && take == 0 && gone -> spooling = false; cut()
			:: !HAS_END && take == 0 && !gone -> refuse()
			:: else
			fi;
			take = 0;
			forget_buf();
			skip
		}
	fi
}

/* fifo_drain_peek(): tee(2) */
inline peek()
{
	do
	:: held < fifo_len -> buf[held] = fifo[held]; held++
	:: else -> break
	od
}

/* spool_park.c:is_part() */
#ifdef BUG_PART
#define IS_PART (spool_len == 0)
#else
#define IS_PART (spool_len < fifo_len && (spool_len < 1 || spool[0] == fifo[0]) && \
	(spool_len < 2 || spool[1] == fifo[1]))
#endif

/* spool_park(), of one whose recorder is gone */
inline spool_park()
{
	d_step {
		looked = !alive;
#ifndef BUG_PARK
		if
		:: looked && IS_PART ->
			is_read = false;
			do
			:: spool_len < fifo_len -> spool_put(fifo[spool_len])
			:: else -> looked = 2; break
			od
		:: else
		fi
#endif
	};
	if
	:: looked == 2 -> consume(fifo_len)
	:: else
	fi
}

/* session_free(): what is in the FIFO of one that was gone before has no excuse */
inline collector_ends()
{
	d_step {
		do
		:: looked && fifo_len > 0 -> fifo_len--; fifo[fifo_len] = 0
		:: else -> break
		od;
		collector_goes()
	}
}

/* unfinished(): half a frame was seen, and who wrote it is gone now */
inline unfinished()
{
	if
#ifndef BUG_LOOK
	:: fifo_len > 1
#else
	:: false
#endif
	:: else -> left_or_cut()
	fi
}

/* session_turn() */
inline session_turn()
{
#ifdef BUG_CONSUME
	d_step { peek(); skip };
	consume((held / 2) * 2);
	d_step { intake_take(); forget_buf(); skip };
#else
	d_step { peek(); intake_take(); forget_buf(); skip };
#endif
	if
	:: take > 0 ->
#ifndef BUG_CONSUME
		consume(take);
#endif
		d_step {
			take = 0;
			if
			:: HAS_END -> session_close(CLOSED)
			:: else
			fi
		}
	/* starved() */
	:: take == 0 && spooling -> session_spool_turn()
	:: take == 0 && !spooling && (gone || !alive) -> left_or_cut()
	:: else
	fi
}

/* Everything has come to rest: what must be true now. */
inline check()
{
	d_step {
		i = 1;
		do
		:: i <= stored -> assert(store[i] == i); i++ /* none lost in between, none doubled */
		:: else -> break
		od;
		i = 0;
		assert(named != GOES_ON);
		assert(!spool_exists && !fifo_exists);
		assert(acked <= store[on_disk]);
		/* what was handed on is there, unless everybody who had it was killed */
		assert(excused || stored >= safe);
		/* who has an end has it all; what was lost is said */
		assert(!finished || named == CLOSED && stored == made);
		assert((named == CLOSED) == (HAS_END));
		if
		:: named == CLOSED ->
			i = 1; take = 0;
			do
			:: i <= stored && kind[i] == GAP -> take = take + says_lost[i]; i++
			:: i <= stored && kind[i] == END -> i++
			:: i <= stored && kind[i] != GAP && kind[i] != END -> take++; i++
			:: else -> break
			od;
			assert(take == happened)
		:: else
		fi;
		i = 0; take = 0
	}
}

active proctype Collector()
{
	byte held, take, i, buf[FIFO_MAX], looked;
	byte synced, job_frame, job_len;
	byte read_off, read_len;   /* of the spool */
	bool attached = true, gone, spooling, drained_due, dirty, job, remembered;
	bool half, stopped, no_room, parked;
	byte fulls;
	mtype end = GOES_ON;

	goto runs;
starts:
	{
		/* recover_file(), take_up() */
		if
		:: named == GOES_ON ->
#ifndef BUG_RESUME
			d_step { on_disk = stored }; /* fdatasync(2) */
#endif
			d_step {
				sealed_frame(synced);
				gone = !alive;
				if
				:: HAS_END -> session_close(CLOSED)
				:: else
				fi
			};
#ifndef BUG_WAIT
			if
			:: end == CLOSED -> consume(fifo_len) /* session_drop_rest() */
			:: else
			fi
#endif
		:: else -> end = named
		fi
	} unless { !up -> goto crashed };
runs:
	{
		do
		/* admit_again() */
		:: d_step { socket == ASKED && named == GOES_ON && !stopped ->
			socket = ATTACHED; attached = true; gone = false; session_ack() }
		:: d_step { socket == ASKED && named != GOES_ON && !stopped ->
			/* acknowledge_closed(), or the next collector, which knows of nothing */
			socket = HUNG_UP; attached = false;
			ack_sent = remembered; ack_frame = (remembered -> synced : 0);
			unknown_sent = !remembered }
		/* session_spooled() */
		:: d_step { end == GOES_ON && attached && to_tell && !stopped ->
			if
			:: spool_len < to_tell_len -> refuse()
			:: else -> spool_begin_read(to_tell_len)
			fi;
			to_tell = false; to_tell_len = 0 }
		/* hung_up() and, in its time, session_tick() */
		:: d_step { attached && socket != ATTACHED -> attached = false }
		:: d_step { !attached && !alive && !gone && named == GOES_ON -> gone = true }
		:: end == GOES_ON && !stopped && !no_room && (fifo_len >= 2 || spooling || !alive) -> session_turn()
		:: d_step { end == GOES_ON && !stopped && !no_room && fifo_len == 1 && alive && !spooling &&
			!half -> half = true }
		:: d_step { half && (alive && fifo_len > 1 || spooling || stopped || no_room || end != GOES_ON) ->
			half = false }
		:: half && !alive && !spooling && !stopped && !no_room && end == GOES_ON -> half = false; unfinished()
		/* stalled(), wait_for_turn() */
		:: d_step { fulls < FULL && end == GOES_ON && !stopped -> no_room = true; fulls++ }
		:: no_room && !alive && !spooling && !parked && !stopped -> spool_park();
			d_step { parked = true; gone = true; looked = 0 }
		:: d_step { no_room -> no_room = false }
		/* collector_stop(), collector_release() */
		:: d_step { crashes < CRASHES && end == GOES_ON && !stopped ->
			stopped = true; spooling = false; read_len = 0 }
		:: stopped && !dirty && !job -> spool_park(); collector_ends()
		/* session_submit(), the syncer's thread, session_synced() */
		:: d_step { dirty && !job ->
			dirty = false; job = true; job_len = stored; sealed_frame(job_frame);
#ifdef BUG_ACK
			synced = job_frame; session_ack()
#endif
			}
		:: d_step { job -> on_disk = job_len;
				if
				:: job_frame > synced -> synced = job_frame; session_ack()
				:: else
				fi;
				job = false; job_len = 0; job_frame = 0;
				/* session_spool_synced() */
				if
				:: drained_due && attached && socket == ATTACHED && !dirty ->
					drained_due = false; drained_sent = true
				:: else
				fi
			}
		/* session_finish() */
		:: end != GOES_ON && named == GOES_ON && !dirty && !job ->
			d_step { named = end };
			d_step { remembered = true; read_off = 0; read_len = 0;
				spooling = false; drained_due = false };
			d_step { fifo_exists = false };
			d_step { spool_exists = false; spool_len = 0 }
		/* recover_sweep(), spool_take() */
		:: d_step { named != GOES_ON && fifo_exists && !alive -> fifo_exists = false }
		:: d_step { named != GOES_ON && spool_exists && !alive -> spool_exists = false;
			spool_len = 0 }
		:: timeout && !alive -> check(); break
		od
	} unless { !up -> goto crashed };
	goto over;
crashed:
	skip;
	d_step {
		i = 0; take = 0;
		do
		:: held > 0 -> held--; buf[held] = 0
		:: else -> break
		od;
		held = 0; i = 0; synced = 0; job_frame = 0; job_len = 0;
		read_off = 0; read_len = 0; is_read = false;
		attached = false; gone = false; spooling = false; drained_due = false;
		half = false; stopped = false; no_room = false; parked = false; looked = 0;
		dirty = false; job = false; remembered = false;
		end = GOES_ON;
		up = true
	};
	goto starts;
over:
	skip
}

/* away_turn() comes right behind what ends the link. */
#define SEES_IT (LINK_UP || on_spool || !HAS_SPOOL)

/* finish.c:is_done() */
#define IS_DONE (!PENDING && (acked >= made || (refused && (on_spool || fifo_len == 0))))

active proctype Recorder()
{
	mtype program = READS;
	byte seal_frame;       /* what is typed waits for this one */
	byte told, lost, i, n, copy[FIFO_MAX];
	bool answered = true, told_there, settling, refused;

	if
	:: may_lose = true
	:: HAS_SPOOL -> may_lose = false
	fi;
{
	do
	/* link_turn(), and away_turn() behind it */
	:: d_step { socket != NOT_CONNECTED && ack_sent ->
		acked = (ack_frame > acked -> ack_frame : acked);
		answered = true; refused = false;
		ack_sent = false; ack_frame = 0 }
	:: atomic { socket != NOT_CONNECTED && drained_sent && told_there && on_spool ->
		drained_sent = false; told_there = false;
		/* away.c:drained() */
		if
#ifndef BUG_TOLD
		:: spool_len != told -> settling = true; tell()
#endif
		:: else ->
			settling = false;
			/* record_to_fifo(): what was spooled must be safe elsewhere */
			assert(on_disk >= HANDED_ON);
			spool_begin();
			on_spool = false;
			gap();
			flush()
		fi }
	:: d_step { socket != NOT_CONNECTED && unknown_sent -> refused = true; link_lost();
		settling = false }
	:: d_step { socket == HUNG_UP && !ack_sent && !drained_sent && !unknown_sent -> link_lost();
		settling = false }
	/* link_retry(): the service manager listens, also while no collector runs */
	:: d_step { SEES_IT && socket == NOT_CONNECTED && !(program == ENDED && IS_DONE) ->
		socket = ASKED }
	/* away_turn(); for the socket that is connected, FULL_NS are over */
	:: HAS_SPOOL && !on_spool && (!LINK_UP || PENDING && fifo_len == FIFO_MAX) ->
		/* record_to_spool(), with tee(2) of spool_snapshot() */
		d_step {
			spool_begin();
			n = 0;
			do
			:: n < fifo_len -> copy[n] = fifo[n]; n++
			:: else -> break
			od;
			i = 0
		};
		do
		:: i < n -> d_step { spool_put(copy[i]); copy[i] = 0; i++ }
		:: atomic { i == n ->
				i = 0; n = 0;
				do
				:: PENDING -> spool_put(at); at++
				:: else -> break
				od;
				on_spool = true };
			break
		od
	:: d_step { on_spool && LINK_UP && !told_there -> tell() }
	/* settle() */
	:: d_step { SEES_IT && PENDING && !on_spool && fifo_len < FIFO_MAX -> flush() }
	:: d_step { PENDING && on_spool && SPOOL_MAX - spool_len >= KEPT + 2 -> flush() }
	/* from_user(), seal_typed() */
	:: d_step { !STANDS && program == READS ->
		event(LINE); seal_frame = made; program = WAITS; flush() }
	/* judge_typed(): nobody is there to wait for, or the patience is over */
	:: d_step { SEES_IT && program == WAITS && seal_frame > acked ->
		event(LATE); seal_frame = 0; flush() }
	/* let_happen(): the program reads the line and goes on */
	:: d_step { program == WAITS && seal_frame <= acked && !STANDS ->
		seal_frame = 0; program = PRINTS }
	/* from_program() */
	:: d_step { !STANDS && program == PRINTS -> event(OUT); program = ENDS; flush() }
	/* finish_session() */
	:: d_step { !STANDS && program == ENDS -> gap(); make(END); program = ENDED; flush() }
	:: d_step { program == ENDED && IS_DONE -> finished = true; recorder_goes() }; break
	od
} unless { !alive }
}
