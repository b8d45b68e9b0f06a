/** The transient timer and service that deprovision the guest. */
export const UNIT = 'azure-golden-image-deprovision';

/** Where the guest keeps what the unit runs: a tmpfs, so that nothing of it reaches the image. */
export const GUEST_FOLDER = '/run/azure-golden-image';

/** The agent's state, and the file in which it keeps the name of the account that it made. */
export const AGENT_FOLDER = '/var/lib/waagent';
export const AGENT_ACCOUNT = `${AGENT_FOLDER}/ovf-env.xml`;

/**
 * Everywhere a distribution keeps its programs; the last two are Flatcar's OEM folders. A systemd
 * service has no HOME and a search path of its own.
 */
export const SEARCH_PATH =
  '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/share/oem/bin:/oem/bin';
