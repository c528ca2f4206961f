/** Every event that the guard logs. Alerts may rely on the names. No event contains a session's key. */

export const EVENTS = {
	"guard.started": { level: "info", says: "guard started" },
	"guard.stopped": { level: "info", says: "guard stopped" },
	"guard.armed": { level: "debug", says: "a login was announced" },
	"port.opened": { level: "info", says: "port opened for a mosh-server" },
	"port.closed": { level: "info", says: "port closed" },
	"port.shut": { level: "warn", says: "another rule of this host shuts a port that the guard has opened" },
	"port.unverified": {
		level: "warn",
		says: "whether a port that the guard has opened is open cannot be told from the rules",
	},
	"port.refused": { level: "warn", says: "port refused" },
	"firewall.changed": { level: "info", says: "external change detected" },
	"firewall.repaired": {
		level: "warn",
		says: "the guard's rules were missing or unexpected; restored",
	},
	"firewall.failed": { level: "error", says: "the firewall could not be read or changed; retrying" },
	"firewall.recovered": { level: "info", says: "the firewall works again" },
	"firewall.gone": {
		level: "info",
		says: "a firewall is not in force any more; restarting without it unless it comes back",
	},
	"firewall.exchanged": {
		level: "warn",
		says: "a different firewall is in force now; beginning anew with it",
	},
	"firewall.unclear": {
		level: "warn",
		says: "could not determine which firewall is in force; nothing was changed",
	},
	"flows.failed": { level: "warn", says: "the tracked flows of a closed port could not be deleted" },
	"hook.failed": { level: "warn", says: "the on_change program failed" },
	"kernel.unreadable": {
		level: "error",
		says: "sockets or processes could not be read; nothing was changed",
	},
	"holders.failed": {
		level: "warn",
		says: "other holders of sockets could not be searched for; the previous result stays",
	},
	"watch.failed": { level: "warn", says: "a trigger is not available; changes are noticed later" },
	"config.reloaded": { level: "info", says: "configuration reloaded" },
	"config.rejected": { level: "error", says: "configuration not valid; the previous one stays in effect" },
	"names.unknown": {
		level: "warn",
		says: "users or groups of the configuration are not known; they are looked up again",
	},
	"names.known": { level: "info", says: "all users and groups of the configuration are known" },
	"connection.dropped": { level: "debug", says: "a client violated the protocol or its limits" },
	"listener.failed": { level: "error", says: "the guard's socket failed" },
} as const;

export type GuardEvent = keyof typeof EVENTS;

export type GuardLog = (event: GuardEvent, fields?: Readonly<Record<string, unknown>>) => void;
