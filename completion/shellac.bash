# SPDX-License-Identifier: ISC
# bash completion for shellac(1).  What can be typed is asked of the program itself, so
# that it is never out of date; nothing here opens a store, since that may be logged.

# the argument that --help shows for option $1 of the help text on stdin
_shellac_argument()
{
	sed -nE "s/^ +(-[A-Za-z], )?(--[a-z-]+|-[A-Za-z])( ([^ ]+))?( .*)?\$/\\2 \\4/p;
		s/^ +(-[A-Za-z]), --[a-z-]+( ([^ ]+))?( .*)?\$/\\1 \\3/p" |
		while read -r option argument; do
			[ "$option" = "$1" ] && echo "$argument" && break
		done
}

_shellac()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local program=${COMP_WORDS[0]} command='' help='' words='' argument='' i

	COMPREPLY=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-d | --dir | -S | --store | -r | --reason) ((i++)) ;;
		-*) ;;
		*) command=${COMP_WORDS[i]}; break ;;
		esac
	done
	# shellcheck disable=SC2086 # no word where there is no command yet
	help=$("$program" $command --help 2>/dev/null) || return 0
	case $prev in
	-*) argument=$(_shellac_argument "$prev" <<<"$help") ;;
	esac
	case $argument in
	'') ;;
	*\|*) words=${argument//|/ } ;;
	DIR | STORE) compopt -o dirnames; return 0 ;;
	FILE | PATH | KEY | NOTE) compopt -o default; return 0 ;;
	ID) words=last ;;
	*) return 0 ;;
	esac
	if [ -z "$words" ]; then
		case $cur in
		-*) words=$(sed -nE 's/^ +(-[A-Za-z], )?(--[a-z-]+)( .*)?$/\2/p' <<<"$help") ;;
		*)
			if [ -z "$command" ]; then
				words=$(sed -nE '/^commands:/,/^$/s/^  ([a-z]+) .*/\1/p' <<<"$help")
			else
				words=$(sed -nE '1{s/^usage: [^[]*\[OPTION\.\.\.\]//;s/[^a-zID|]+/ /g;s/\|/ /g;p;}' <<<"$help")
				# words that stand there as one|other, in the line behind it too
				case " $words " in *" ID "*) words=last ;; *) words=$(sed -n 1,2p <<<"$help" |
					grep -oE '[a-z][a-z-]*(\|[a-z][a-z-]*)+' | tr '|\n' '  ') ;; esac
				compopt -o default
			fi
			;;
		esac
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}

complete -F _shellac shellac
