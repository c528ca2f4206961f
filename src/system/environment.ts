/** What programs of the system are started with: nothing of the caller's. */

/** Where the system's programs are; never the caller's PATH. */
export const SYSTEM_DIRECTORIES = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"] as const;

export const CLEAN_ENVIRONMENT = { LC_ALL: "C", PATH: SYSTEM_DIRECTORIES.join(":") } as const;
