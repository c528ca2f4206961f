/** Every reason why a port stays closed: one catalogue for answers to reporters, logs and `status`. */

export const REFUSALS = {
	"not-bound": "no UDP socket of this network namespace has that address and port",
	"no-holder": "no trusted mosh-server holds the socket",
	"holder-unreadable":
		"the guard may not inspect the process that holds the socket (requires CAP_SYS_PTRACE)",
	"untrusted-executable": "the program that holds the socket is not configured as a mosh-server",
	"unlisted-server":
		"the program that holds the socket is a mosh-server that the configuration does not list",
	"executable-writable": "the mosh-server's file is not owned by root or is writable by others",
	"executable-replaced": "the mosh-server's file is not the one installed at its path on this host",
	"executable-hidden":
		"the mosh-server's file is not at its path on this host, or the service hides that folder",
	"foreign-namespace": "the mosh-server runs in another user or network namespace",
	"wrong-user": "the process and its socket belong to different users",
	"many-holders": "another process or socket also receives the port's datagrams",
	"needs-report": "a mosh-server run by a shared interpreter is accepted only while it reports its socket",
	"port-not-allowed": "the port is outside the configured range",
	"address-not-allowed": "the configuration does not allow ports on that local address",
	"user-not-allowed": "the configuration does not allow this user",
	"denial-unknown": "a name on a deny list is not known to this host yet and may concern this user",
	"user-limit": "the user has reached the limit on open ports",
	"total-limit": "the host has reached the limit on open ports",
	"rate-limit": "the user has opened too many ports in the last minute",
	"closed-by-admin": "an administrator closed this port until its server exits",
	"firewall-failed": "the rule could not be added to the firewall",
	blocked: "the port was opened, but another rule of this host shuts it",
	unverified: "the port was opened, but whether another rule of this host shuts it cannot be told",
	"guard-busy": "the guard has too many connections",
} as const;

export type RefusalCode = keyof typeof REFUSALS;

/** `detail` may name files and processes: for logs and root, never for reporters. */
export interface Refusal {
	readonly code: RefusalCode;
	readonly detail?: string;
}
