#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# run: the main job, from a text file or an object to rows, with nothing left behind.
load helper

setup() {
	need_kernel
}
teardown() {
	clean_up
}

# A server in the peer namespace that answers "PORT" on each of the ports given.
serve() {
	# shellcheck disable=SC2016 # Perl's variables
	start nsenter --net=/run/netns/"$PEERNS" perl -MIO::Socket::INET -MIO::Select -e '
		my ($ready, @ports) = @ARGV;
		my @s = map { IO::Socket::INET->new(LocalPort => $_, Listen => 9, ReuseAddr => 1) or die "$!" } @ports;
		open my $f, ">", $ready or die; close $f;
		my $all = IO::Select->new(@s);
		while (1) {
			for my $l ($all->can_read) {
				my $c = $l->accept or next;
				print $c $c->sockport, "\n";
				close $c;
			}
		}' "$BATS_TEST_TMPDIR/server" "$@"
	await "$BATS_TEST_TMPDIR/server" "$PID"
}

# ask PORT: what the server says, or "nothing" after a second.  Before packets are counted it is
# asked once without a filter, so that none of them waits for the neighbour's address and is lost.
ask() {
	in_netns "$NETNS" timeout 1 bash -c "cat </dev/tcp/10.77.0.2/$1" 2>/dev/null || echo nothing
}

# Segments sent by the client namespace, those sent again included, from the counters of its TCP.
syns() {
	# shellcheck disable=SC2016 # awk's fields
	in_netns "$NETNS" awk '$1 == "Tcp:" && $2 ~ /^[0-9]/ { print $12 + $13 }' /proc/net/snmp
}

# Objects with the names of the examples; the kernel frees them a little after the end.
ours() {
	local left deadline=$((SECONDS + 10))
	while :; do
		left=$( (bpfctl -j prog list; bpfctl -j map list; bpfctl -j link list) |
			jq -r '.[] | .name // .target_name // empty' |
			grep -E 'port_filter|execsnoop|opensnoop|drops|port_fil|execsno|opensno' || true)
		[ -z "$left" ] || [ "$SECONDS" -ge "$deadline" ] && break
	done
	echo "$left"
}

@test "execsnoop prints three real execs as JSON lines and ends" {
	real_kernel "events and packets"
	start bpfctl run "$ROOT/examples/execsnoop.bpf" --count 3 --format jsonl \
		--ready-file "$BATS_TEST_TMPDIR/ready" >"$BATS_TEST_TMPDIR/out"
	await "$BATS_TEST_TMPDIR/ready" "$PID"
	while kill -0 "$PID" 2>/dev/null; do
		/bin/true
	done
	wait "$PID"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/out")" -eq 3 ]
	jq -es 'all(.pid > 0 and .uid == 0 and (.comm | length > 0) and (.filename | startswith("/")))' \
		<"$BATS_TEST_TMPDIR/out"
	bpfctl run "$ROOT/examples/execsnoop.bpf" --format jsonl -- /bin/true >"$BATS_TEST_TMPDIR/out"
	grep -q '"comm":"true","filename":"/bin/true"' "$BATS_TEST_TMPDIR/out"
	[ -z "$(ours)" ]
}

@test "opensnoop shows the path a command opens, and returns the command's status" {
	real_kernel "events and packets"
	echo hello >"$BATS_TEST_TMPDIR/a file"
	# shellcheck disable=SC2016 # the inner shell expands
	run --separate-stderr bpfctl run "$ROOT/examples/opensnoop.bpf" --format jsonl -- \
		sh -c 'cat "$0" >/dev/null; exit 7' "$BATS_TEST_TMPDIR/a file"
	[ "$status" -eq 7 ]
	jq -es --arg path "$BATS_TEST_TMPDIR/a file" 'any(.comm == "cat" and .path == $path)' <<<"$output"
	[ -z "$(ours)" ]
}

@test "--set restricts opensnoop to one process" {
	real_kernel "events and packets"
	run --separate-stderr bpfctl run "$ROOT/examples/opensnoop.bpf" --set only=$$ --format jsonl -- \
		cat /etc/hostname
	[ "$status" -eq 0 ]
	[ "$(grep -c '"comm"' <<<"$output")" -eq 0 ]
}

@test "the port filter drops its port and no other, and counts every packet to it" {
	real_kernel "events and packets"
	private_netns
	serve 8080 9090
	[ "$(ask 8080)" = 8080 ]
	start bpfctl --netns "$PEERNS" run "$ROOT/examples/port_filter.bpf" --dev veth1 --set blocked=8080 \
		--maps --format jsonl --ready-file "$BATS_TEST_TMPDIR/ready" >"$BATS_TEST_TMPDIR/out"
	await "$BATS_TEST_TMPDIR/ready" "$PID"
	before=$(syns)
	[ "$(ask 8080)" = nothing ]
	sent=$(($(syns) - before))
	[ "$(ask 9090)" = 9090 ]
	in_netns "$NETNS" bash -c 'echo x >/dev/udp/10.77.0.2/8080'
	kill -TERM "$PID"
	wait "$PID"
	cat "$BATS_TEST_TMPDIR/out"
	drops=$(jq -s 'map(select(.map == "drops"))[0].value' <"$BATS_TEST_TMPDIR/out")
	echo "sent $sent, counted $drops"
	[ "$sent" -ge 1 ]
	[ "$drops" -eq "$sent" ]
	jq -es --argjson n "$drops" 'map(select(.src)) | length == $n and
		all(.src == "10.77.0.1" and .dst == "10.77.0.2" and .dport == 8080)' <"$BATS_TEST_TMPDIR/out"
	[ "$(ask 8080)" = 8080 ]
	[ -z "$(ours)" ]
}

@test "the same filter from C does the same" {
	real_kernel "events and packets"
	private_netns
	serve 8080 9090
	[ "$(ask 8080)" = 8080 ]
	o=$(compile port_filter)
	start bpfctl --netns "$PEERNS" run "$o" --dev veth1 --set blocked=8080 --maps --format jsonl \
		--ready-file "$BATS_TEST_TMPDIR/ready" >"$BATS_TEST_TMPDIR/out"
	await "$BATS_TEST_TMPDIR/ready" "$PID"
	before=$(syns)
	[ "$(ask 8080)" = nothing ]
	sent=$(($(syns) - before))
	[ "$(ask 9090)" = 9090 ]
	kill -INT "$PID"
	wait "$PID"
	drops=$(jq -s 'map(select(.map == "drops"))[0].value' <"$BATS_TEST_TMPDIR/out")
	echo "sent $sent, counted $drops"
	[ "$drops" -eq "$sent" ]
	[ -z "$(ours)" ]
}

@test "SIGKILL in the middle leaves nothing attached" {
	real_kernel "events and packets"
	private_netns
	start bpfctl --netns "$PEERNS" run "$ROOT/examples/port_filter.bpf" --dev veth1 \
		--ready-file "$BATS_TEST_TMPDIR/ready"
	await "$BATS_TEST_TMPDIR/ready" "$PID"
	[ "$(bpfctl --netns "$PEERNS" -j xdp list | jq length)" -eq 1 ]
	kill -KILL "$PID"
	wait "$PID" || true
	[ -z "$(ours)" ]
	[ "$(bpfctl --netns "$PEERNS" -j xdp list | jq length)" -eq 0 ]
}

@test "SIGINT and SIGTERM end it with status 0 and a summary" {
	real_kernel "events and packets"
	for signal in INT TERM; do
		start bpfctl run "$ROOT/examples/execsnoop.bpf" --ready-file "$BATS_TEST_TMPDIR/ready-$signal" \
			>/dev/null 2>"$BATS_TEST_TMPDIR/err"
		await "$BATS_TEST_TMPDIR/ready-$signal" "$PID"
		kill -"$signal" "$PID"
		wait "$PID"
		grep -qE '^bpfctl: [0-9]+ records?, none lost, in [0-9.]+ s$' "$BATS_TEST_TMPDIR/err"
	done
}

@test "--for ends it by itself" {
	real_kernel "tracefs, which is of root alone"
	run --separate-stderr timeout 60 "$BPFCTL" run "$ROOT/examples/execsnoop.bpf" --for 50ms
	[ "$status" -eq 0 ]
}

@test "a closed pipe ends it quietly" {
	real_kernel "events and packets"
	start bash -c 'while :; do cat /etc/hostname >/dev/null; done' # or a quiet machine opens nothing
	# shellcheck disable=SC2016 # the inner shell expands
	run --separate-stderr timeout 60 bash -c '"$BPFCTL" run "$ROOT/examples/opensnoop.bpf" --format jsonl | head -n 1; exit "${PIPESTATUS[0]}"'
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
	jq -e .path <<<"$output"
}

@test "--pin leaves everything attached; removing the pins ends it" {
	real_kernel "events and packets"
	private_netns
	private_bpffs
	serve 8080
	run --separate-stderr bpfctl --netns "$PEERNS" -j run "$ROOT/examples/port_filter.bpf" --dev veth1 \
		--set blocked=8080 --pin "$BPFFS/filter"
	[ "$status" -eq 0 ]
	jq -e 'map(.kind) | sort | unique == ["link", "map", "prog"]' <<<"$output"
	[ "$(ask 8080)" = nothing ]
	[ "$(bpfctl --format jsonl map lookup pinned "$BPFFS/filter/maps/drops" 0 | jq .value)" -ge 1 ]
	[ "$(bpfctl -j link show pinned "$BPFFS/filter/links/port_filter" | jq -r .type)" = xdp ]
	rm -r "$BPFFS/filter"
	[ "$(ask 8080)" = 8080 ]
	[ -z "$(ours)" ]
}

@test "when pinning fails nothing stays" {
	real_kernel "events and packets"
	private_netns
	run --separate-stderr bpfctl -n --netns "$PEERNS" run "$ROOT/examples/port_filter.bpf" --dev veth1 \
		--pin "$BATS_TEST_TMPDIR/no-bpffs"
	[ "$status" -ne 0 ]
	[ ! -e "$BATS_TEST_TMPDIR/no-bpffs" ]
	[ "$(bpfctl --netns "$PEERNS" -j xdp list | jq length)" -eq 0 ]
	[ -z "$(ours)" ]
}

@test "--dry-run says what would be done and does nothing" {
	run --separate-stderr bpfctl -j run "$ROOT/examples/port_filter.bpf" --dry-run
	[ "$status" -eq 0 ]
	jq -e 'any(.kind == "prog" and .name == "port_filter" and .type == "xdp" and .section == "xdp") and
		any(.kind == "map" and .name == "drops" and .type == "array")' <<<"$output"
	[ -z "$(ours)" ]
}

@test "the same through prog load, xdp attach, map dump, xdp detach" {
	real_kernel "events and packets"
	private_netns
	private_bpffs
	serve 8080 9090
	[ "$(ask 8080)" = 8080 ]
	bpfctl prog load "$ROOT/examples/port_filter.bpf" "$BPFFS/filter" --set blocked=8080 pinmaps "$BPFFS/maps"
	bpfctl --netns "$PEERNS" xdp attach veth1 prog pinned "$BPFFS/filter"
	before=$(syns)
	[ "$(ask 8080)" = nothing ]
	sent=$(($(syns) - before))
	[ "$(ask 9090)" = 9090 ]
	[ "$(bpfctl --format jsonl map dump pinned "$BPFFS/maps/drops" | jq .value)" -eq "$sent" ]
	bpfctl --netns "$PEERNS" xdp detach veth1
	[ "$(ask 8080)" = 8080 ]
	rm -r "$BPFFS/filter" "$BPFFS/maps"
	[ -z "$(ours)" ]
}
