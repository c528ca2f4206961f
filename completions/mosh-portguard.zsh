#compdef mosh-portguard
# Generated from the command line's definition by `npx tsx scripts/completions.ts`.
_mosh_portguard() {
	local -a commands
	commands=(
		'daemon:be the guard, in the foreground, until SIGTERM; SIGHUP reloads the configuration'
		'status:guard, firewall, ports and problems at a glance'
		'list:the sessions'\'' ports'
		'metrics:the running guard'\''s state for Prometheus'
		'sync:make the firewall agree now, by the guard or, with none running, without it'
		'clear:with no guard running: leave nothing of ours in any firewall of this host'
		'hook:a login is under way: look closely for 20 s (done without Node; takes no arguments)'
		'close:shut a port until the mosh-servers that hold it now have ended'
		'kill:end the mosh-server that holds a port'
		'reap:end the sessions that nobody has used for a while'
		'doctor:why does mosh not connect? Checks everything on this host that it needs'
		'explain:who holds a port, and which rule decides about it'
		'check-config:every mistake in the configuration, with file, line and key'
		'run:run a stock mosh-server and hold its first line back until its port is open, at most 2 s'
	)
	_arguments -C '--version[which version this is]' '--config[configuration instead of /etc/mosh-portguard/config.toml]:value:' '--runtime-folder[sockets and lock instead of /run/mosh-portguard]:value:' '1:command:->command' '*::argument:->argument'
	case $state in
	command) _describe command commands ;;
	argument)
		case $words[1] in
			daemon) _arguments \
				'--for[end by itself when no login was announced for so long and no session has a port, or when a guard starts that stays]:value:' ;;
			status) _arguments \
				'--json[machine-readable, with a schema number]' ;;
			list) _arguments \
				'--json[machine-readable, with a schema number]' ;;
			metrics) _arguments \
				'--textfile[write it there, whole at any time, for node_exporter'\''s textfile collector]:value:' ;;
			sync) _arguments \
				'-n[show what would be done, and do nothing]' '--dry-run[show what would be done, and do nothing]' \
				'--json[machine-readable, with a schema number]' ;;
			clear) _arguments  ;;
			hook) _arguments  ;;
			close) _arguments \
				'-n[show what would be done, and do nothing]' '--dry-run[show what would be done, and do nothing]' \
				'--json[machine-readable, with a schema number]' ;;
			kill) _arguments \
				'-n[show what would be done, and do nothing]' '--dry-run[show what would be done, and do nothing]' \
				'--json[machine-readable, with a schema number]' ;;
			reap) _arguments \
				'--idle[for how long, such as 90s, 15m, 12h, 7d]:value:' \
				'-n[show what would be done, and do nothing]' '--dry-run[show what would be done, and do nothing]' \
				'--json[machine-readable, with a schema number]' ;;
			doctor) _arguments \
				'--json[machine-readable, with a schema number]' ;;
			explain) _arguments \
				'--json[machine-readable, with a schema number]' ;;
			check-config) _arguments \
				'--json[machine-readable, with a schema number]' ;;
			run) _arguments  ;;
		esac
		;;
	esac
}
_mosh_portguard "$@"
