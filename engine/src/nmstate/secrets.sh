choose || exit 0
printf 'program %s\n' "$(command -v "$nmstatectl")"
echo show
privileged "$nmstatectl" show -s --json </dev/null
