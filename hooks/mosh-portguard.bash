# For hosts with a guard on demand instead of the service: tells it that a mosh login is under way.
# Source it at the very top of ~/.bashrc or /etc/bash.bashrc, before the test for interactive shells: bash reads both when
# sshd runs `bash -c "mosh-server …"`, which is before the mosh-server has its port.
# Where a guard listens it needs no word, unless it is one on demand, which may be about to end.
# Shell builtins alone decide that there is nothing to do.
if [[ -n ${SSH_CONNECTION-} && ${BASH_EXECUTION_STRING-} == *mosh*server* &&
	( ! -S /run/mosh-portguard/guard.sock || -e /run/mosh-portguard/watcher ) &&
	-x /usr/lib/mosh-portguard/login-hook && -x /usr/bin/sudo ]]; then
	/usr/bin/sudo -n /usr/lib/mosh-portguard/login-hook </dev/null >/dev/null 2>&1 || :
fi
