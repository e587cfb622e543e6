terraform plan -detailed-exitcode -input=false -lock=false -out=drift.bin
case $? in
0) echo "every host is as declared" ;;
2)
    echo "something differs:"
    terraform show drift.bin
    exit 2
    ;;
*)
    echo "the plan failed" >&2
    exit 1
    ;;
esac
