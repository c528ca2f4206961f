/** Which version this is; the bundles have it built in. */

declare const PACKAGE_VERSION: string | undefined;

export const VERSION = typeof PACKAGE_VERSION === "string" ? PACKAGE_VERSION : "from source";
