/** Every event the guard logs: one name per thing that happens, so that an alert can rely on it. Never a session's key. */

export const EVENTS = {
	"guard.started": { level: "info", says: "guard is running" },
	"guard.stopped": { level: "info", says: "guard has stopped" },
	"guard.armed": { level: "debug", says: "a login was announced" },
	"port.opened": { level: "info", says: "port opened for a mosh-server" },
	"port.closed": { level: "info", says: "port closed" },
	"port.refused": { level: "warn", says: "port stays shut" },
	"firewall.changed": { level: "info", says: "rules may have been changed by another hand" },
	"firewall.repaired": {
		level: "warn",
		says: "what the guard had opened was lost, or stood open unwanted: restored",
	},
	"firewall.failed": { level: "error", says: "the firewall could not be read or changed; trying again" },
	"firewall.recovered": { level: "info", says: "the firewall answers again" },
	"firewall.exchanged": {
		level: "warn",
		says: "another firewall is in force now; starting over with that one",
	},
	"firewall.unclear": {
		level: "warn",
		says: "which firewall is in force could not be told; nothing was changed",
	},
	"flows.failed": { level: "warn", says: "the flows of a closed port could not be cut" },
	"hook.failed": { level: "warn", says: "the program that is told of open ports failed" },
	"kernel.unreadable": {
		level: "error",
		says: "sockets or processes could not be read; nothing was changed",
	},
	"holders.failed": {
		level: "warn",
		says: "second holders of sockets could not be looked for; what was known stays",
	},
	"watch.failed": { level: "warn", says: "a trigger does not work; the guard notices later without it" },
	"config.reloaded": { level: "info", says: "configuration reloaded" },
	"config.rejected": { level: "error", says: "configuration not usable; the previous one stays in force" },
	"connection.dropped": { level: "debug", says: "a connection broke the protocol or its limits" },
	"listener.failed": { level: "error", says: "the guard's socket failed" },
} as const;

export type GuardEvent = keyof typeof EVENTS;

export type GuardLog = (event: GuardEvent, fields?: Readonly<Record<string, unknown>>) => void;
