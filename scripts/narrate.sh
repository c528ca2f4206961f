#!/bin/sh
# The guard's log on standard input, told to a person line by line: what it opened and closed, and what went wrong.
set -eu

# field NAME: what the JSON object in $line has under that name, in $value.
field() {
	value=''
	case $line in
	*"\"$1\":\""*)
		value=${line#*"\"$1\":\""}
		value=${value%%\"*}
		;;
	*"\"$1\":"*)
		value=${line#*"\"$1\":"}
		value=${value%%[,\}]*}
		;;
	esac
}

while read -r line; do
	field time
	time=${value#*T}
	field event
	event=$value
	field address
	address=$value
	field port
	place="$address UDP port $value"
	case $event in
	port.opened)
		field uid
		told="opened  $place for $(id -nu "$value" 2>/dev/null || echo "uid $value")"
		;;
	port.closed) told="closed  $place" ;;
	port.refused)
		field code
		told="refused $place: $value"
		;;
	*)
		field level
		case $value in warn | error) ;; *) continue ;; esac
		field msg
		told=$value
		;;
	esac
	# The journal's lines are without the time: they are told as they come.
	[ -n "$time" ] || time=$(date -u +%TZ)
	printf '%s  %s\n' "$time" "$told"
done
