#compdef mosh-portguard
# Generated from the command line's definition by `npx tsx scripts/completions.ts`.
_mosh_portguard() {
	local -a commands
	commands=(
		'daemon:run the guard in the foreground until SIGTERM; SIGHUP reloads the configuration'
		'status:show guard, firewall, ports and problems'
		'list:list the ports of the sessions'
		'metrics:print the running guard'\''s state in Prometheus format'
		'sync:reconcile the firewall now, through the guard or, if none is running, directly'
		'clear:remove all rules added by mosh-portguard from every firewall of this host (only while no guard is running)'
		'hook:announce a login: the guard scans frequently for 20 s (runs without Node; takes no arguments)'
		'close:close a port until the mosh-servers that now hold it have exited'
		'kill:terminate the mosh-server that holds a port'
		'reap:terminate idle sessions'
		'doctor:find out why mosh does not connect: check everything on this host that it needs'
		'explain:show who holds a port and which firewall rule decides about it'
		'check-config:report every mistake in the configuration, with file, line and key'
		'run:run a stock mosh-server and withhold its MOSH CONNECT line until its port is open, at most 2 s'
	)
	_arguments -C '--version[print the version]' '--config[configuration file instead of /etc/mosh-portguard/config.toml]:value:' '--runtime-folder[folder for sockets and lock instead of /run/mosh-portguard]:value:' '1:command:->command' '*::argument:->argument'
	case $state in
	command) _describe command commands ;;
	argument)
		case $words[1] in
			daemon) _arguments \
				'--for[exit after this many seconds without a login or an open port, or when the service starts]:value:' ;;
			status) _arguments \
				'--json[print JSON, with a schema number]' ;;
			list) _arguments \
				'--json[print JSON, with a schema number]' ;;
			metrics) _arguments \
				'--textfile[write to this file atomically, for node_exporter'\''s textfile collector]:value:' ;;
			sync) _arguments \
				'-n[show what would be done without doing it]' '--dry-run[show what would be done without doing it]' \
				'--json[print JSON, with a schema number]' ;;
			clear) _arguments  ;;
			hook) _arguments  ;;
			close) _arguments \
				'-n[show what would be done without doing it]' '--dry-run[show what would be done without doing it]' \
				'--json[print JSON, with a schema number]' ;;
			kill) _arguments \
				'-n[show what would be done without doing it]' '--dry-run[show what would be done without doing it]' \
				'--json[print JSON, with a schema number]' ;;
			reap) _arguments \
				'--idle[minimum idle time, such as 90s, 15m, 12h, 7d]:value:' \
				'-n[show what would be done without doing it]' '--dry-run[show what would be done without doing it]' \
				'--json[print JSON, with a schema number]' ;;
			doctor) _arguments \
				'--json[print JSON, with a schema number]' ;;
			explain) _arguments \
				'--from[what becomes of datagrams from this address]:value:' \
				'--json[print JSON, with a schema number]' ;;
			check-config) _arguments \
				'--json[print JSON, with a schema number]' ;;
			run) _arguments  ;;
		esac
		;;
	esac
}
_mosh_portguard "$@"
