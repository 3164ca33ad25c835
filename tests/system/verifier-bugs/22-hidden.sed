# SPDX-License-Identifier: ISC
# auditor/verify/hidden_runs.c: Enter between hidden lines counts as something seen
s/\*p > ' ' \&\&/*p > 0 \&\&/
