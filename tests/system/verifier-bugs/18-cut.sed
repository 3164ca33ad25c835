# SPDX-License-Identifier: ISC
# auditor/verify/judge.c: a file without END is not cut if its name does not say so
s/if (j->damaged || c->ended)/if (j->damaged || c->ended || j->entry->name.state == SESSION_CLOSED)/
