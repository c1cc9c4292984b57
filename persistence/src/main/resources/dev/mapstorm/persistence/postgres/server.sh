# Runs a PostgreSQL server for as long as standard input is open, so that it does not outlive the process at the other
# end, however that ends. A line "keep" says that what is temporary stays for the next start.
bin=$1        # initdb, pg_ctl and postgres
directory=$2  # has password; data and server.log are made
options=$3    # of postgres
temporary=$4  # removed at the end; may be empty

data=$directory/data
log=$directory/server.log
word=

end() {
  if [ -n "$temporary" ] && [ "$word" != keep ]; then
    "$bin/pg_ctl" stop -D "$data" -m immediate
    rm -rf -- "$temporary"
  else
    "$bin/pg_ctl" stop -D "$data" -m fast || "$bin/pg_ctl" stop -D "$data" -m immediate
  fi
} >>"$log" 2>&1 </dev/null

if [ ! -f "$data/PG_VERSION" ]; then
  "$bin/initdb" -D "$data" --username=postgres --pwfile="$directory/password" --auth=scram-sha-256 \
    --encoding=UTF8 --no-locale >>"$log" 2>&1 </dev/null || exit
fi
"$bin/pg_ctl" start -D "$data" -l "$log" -t 600 -o "$options" >>"$log" 2>&1 </dev/null || exit

trap end EXIT
trap 'exit 0' HUP INT TERM
trap '' PIPE
echo started
read -r word
exit 0
