printf 'user %s\n' "$user"
printf 'connection %s\n' "$SSH_CONNECTION"
printf 'machine-id %s\n' "$(cat /etc/machine-id 2>/dev/null)"
# The kernel modules at hand of those that matter, loaded, built in or to be loaded; a host that keeps
# no list of its modules in the usual place does not tell.
modules=/lib/modules/$(uname -r)
if [ -r "$modules/modules.dep" ] && [ -r "$modules/modules.builtin" ]; then
    printf 'modules %s\n' "$({
        grep -ohE '/(@MODULES@)\.ko' "$modules/modules.dep" "$modules/modules.builtin" |
            sed 's:^/::; s:\.ko$::'
        for module in /sys/module/*; do printf '%s\n' "${module##*/}"; done | grep -xE '@MODULES@'
    } | sort -u | tr '\n' ' ')"
fi
choose || exit 0
printf 'program %s\n' "$(command -v "$nmstatectl")"
printf 'version %s\n' "$("$nmstatectl" version 2>/dev/null)"
echo show
privileged "$nmstatectl" show --json </dev/null
