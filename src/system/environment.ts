/** The environment in which the system's commands run: nothing is inherited from the caller. */

/** Folders of the system's commands, instead of the caller's PATH. */
export const SYSTEM_DIRECTORIES = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"] as const;

export const CLEAN_ENVIRONMENT = { LC_ALL: "C", PATH: SYSTEM_DIRECTORIES.join(":") } as const;
