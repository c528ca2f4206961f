# For hosts with a guard on demand instead of the service: tells it that a mosh login is under way.
# Put it into ~/.config/fish/conf.d or /etc/fish/conf.d: fish reads both when sshd runs `fish -c "mosh-server …"`, which is
# before the mosh-server has its port.
# Where a guard listens it needs no word, unless it is one on demand, which may be about to end.
# Shell builtins alone decide that there is nothing to do. fish does not tell what -c was given, the kernel does.
if set -q SSH_CONNECTION; and begin; not test -S /run/mosh-portguard/guard.sock; or test -e /run/mosh-portguard/watcher; end; \
        and test -x /usr/lib/mosh-portguard/login-hook; \
        and test -x /usr/bin/sudo; and test -r /proc/$fish_pid/cmdline; \
        and string match -q -- '*mosh*server*' (string split0 </proc/$fish_pid/cmdline)
    /usr/bin/sudo -n /usr/lib/mosh-portguard/login-hook </dev/null >/dev/null 2>&1
    or true
end
