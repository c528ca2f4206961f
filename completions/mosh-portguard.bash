# Generated from the command line's definition by `npx tsx scripts/completions.ts`.
_mosh_portguard() {
	local current=${COMP_WORDS[COMP_CWORD]} words="" command="" i
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		--config | --runtime-folder) ((i++)) ;;
		-*) ;;
		*)
			command=${COMP_WORDS[i]}
			break
			;;
		esac
	done
	case $command in
		"") words="daemon status list metrics sync clear hook close kill reap doctor explain check-config run --version --config --runtime-folder" ;;
		daemon) words="--for" ;;
		status) words="--json" ;;
		list) words="--json" ;;
		metrics) words="--textfile" ;;
		sync) words="-n --dry-run --json" ;;
		clear) words="" ;;
		hook) words="" ;;
		close) words="-n --dry-run --json" ;;
		kill) words="-n --dry-run --json" ;;
		reap) words="--idle -n --dry-run --json" ;;
		doctor) words="--json" ;;
		explain) words="--from --json" ;;
		check-config) words="--json" ;;
		run) words="" ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -F _mosh_portguard mosh-portguard
