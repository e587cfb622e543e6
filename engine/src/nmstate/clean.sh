for base in "$XDG_RUNTIME_DIR" /run /dev/shm /tmp; do
    if [ -n "$base" ]; then rm -rf "${base:?}/${1:?}" "${base:?}/${1:?}.refused"; fi
done
