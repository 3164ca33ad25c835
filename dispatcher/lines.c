/* SPDX-License-Identifier: ISC */
#include "lines.h"

#include <inttypes.h>
#include <stdio.h>

#include "clock.h"

#define ECS "\"ecs\":{\"version\":\"9.4.0\"}"

size_t lines_lost(char out[LINES_LOST_MAX], const char *host, uint64_t from, uint64_t to)
{
	char at[CLOCK_RFC3339_SIZE];

	return (size_t)snprintf(out, LINES_LOST_MAX, "{\"event\":{\"sequence\":%" PRIu64
	    ",\"kind\":\"alert\",\"module\":\"shellac\",\"dataset\":\"shellac.plugin\","
	    "\"category\":[\"host\"],\"type\":[\"error\"],\"action\":\"events-lost\"},"
	    "\"@timestamp\":\"%s\"," ECS ",\"host\":%s,\"shellac\":{\"schema\":1,\"lost\":{\"count\":%"
	    PRIu64 ",\"from\":%" PRIu64 ",\"to\":%" PRIu64 "}}}\n", to, clock_rfc3339(at, clock_wall()), host, to - from + 1,
	    from, to);
}

size_t lines_hello(char out[LINES_HELLO_MAX], const char *host, const char *plugin)
{
	char at[CLOCK_RFC3339_SIZE];

	return (size_t)snprintf(out, LINES_HELLO_MAX, "{\"event\":{\"kind\":\"event\",\"module\":"
	    "\"shellac\",\"dataset\":\"shellac.plugin\",\"category\":[\"configuration\"],\"type\":"
	    "[\"start\"],\"action\":\"plugin-start\"},\"@timestamp\":\"%s\"," ECS
	    ",\"host\":%s,\"shellac\":{\"schema\":1,\"protocol\":1,\"plugin\":\"%s\"}}\n", clock_rfc3339(at, clock_wall()), host,
	    plugin);
}
