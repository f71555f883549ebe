# shellcheck shell=bash
# Part of tests/faults/test_bad_input.sh: checkpoints, resumes, and training that diverges.

# flip FILE OFFSET BIT: flips one bit.
flip() {
  local byte
  byte=$(od -A n -t u1 -j "$2" -N 1 "$1")
  # shellcheck disable=SC2059  # the byte is the format
  printf "$(printf '\\x%02x' $((byte ^ 1 << $3)))" |
    dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

cut_to() { truncate -s "$1" "$file"; } # BYTES
lack_a_byte() { cut_to $((bytes - 1)); }
go_on() { echo more >>"$file"; }
be_another_file() { cat "$work/good.yaml" >"$file"; }
be_newer() { sed -i '1s/format 1/format 2/' "$file"; }
flip_at() { flip "$file" "$1" "$2"; } # OFFSET BIT

# A damaged checkpoint is refused by a resume, and as initial parameters.
refuses_checkpoint() { # WORDS
  refuses 65 "$file: |$1" "$work/good.yaml" --resume &&
    refuses 65 "$file: $1" "$work/good.yaml" --init "$file" --force
}

# bad_checkpoint NAME WORDS DAMAGE...
bad_checkpoint() {
  damage=("${@:3}")
  check "$1" refuses_checkpoint "$2"
  damage=(:)
}

refuses_flips() { # BYTES COUNT: one flipped bit each, at random places of the first BYTES
  local i
  for ((i = 0; i < $2; i++)); do
    damage=(flip_at $(((RANDOM << 15 | RANDOM) % $1)) $((RANDOM % 8)))
    note "${damage[*]}"
    refused 65 1 "$work/good.yaml" --resume && says "$file: " || return 1
  done
  refuses_checkpoint ''
}

check_damage() {
  copy_run
  bad_checkpoint 'a checkpoint that lacks its last byte' \
    "found $((bytes - 1)) bytes, expected $bytes; the file is cut short" lack_a_byte
  bad_checkpoint 'a checkpoint that goes on' "found $((bytes + 5)) bytes, expected $bytes" go_on
  bad_checkpoint 'a checkpoint of 300 bytes' 'not a Lockstep checkpoint' cut_to 300
  bad_checkpoint 'a checkpoint that is empty' 'not a Lockstep checkpoint' cut_to 0
  bad_checkpoint 'a checkpoint that is another file' 'not a Lockstep checkpoint' be_another_file
  bad_checkpoint 'a checkpoint of a newer format' \
    'found checkpoint format 2, expected 1; use a newer Lockstep' be_newer
  check 'a flipped bit in the first 512 bytes' refuses_flips 512 8
  check 'a flipped bit anywhere' refuses_flips "$bytes" 8
  damage=(:)
  check 'a missing checkpoint' refuses 66 "$work/none.h5: |No such file" \
    "$work/good.yaml" --init "$work/none.h5" --force
}

# ---- whole checkpoints of another run ----

# refuses_change KEY FOUND STORED: a resume with another value of what the result depends on.
refuses_change() {
  refuses 64 "$1: found $2, but the run to resume has $3" "$work/good.yaml" --resume \
    --set "$1=$2"
}

check_changes() {
  check 'a resume with another seed' refuses_change seed 2 1
  check 'a resume with another learning rate' refuses_change optimizer.learning_rate 0.2 0.1
  check 'a resume with another batch size' refuses_change training.batch_size 8 16
  check 'a resume with other shards' refuses_change training.shards 8 4
  check 'a resume with another scale' refuses_change data.scale 1 255
  check 'a resume with another loss' refuses 64 'loss: found mean_squared_error, but |categorical' \
    "$work/good.yaml" --resume --set loss=mean_squared_error
  check 'a resume with another optimizer' refuses 64 'optimizer: found adam, but |has sgd' \
    "$work/good.yaml" --resume --set 'optimizer={name: adam}'
  check 'a resume with another layer' refuses 64 \
    'model.layers[0].dense.units: found 9, but |has 8' \
    "$work/good.yaml" --resume --set model.layers.0.dense.units=9
  { idx_header 0x803 60 4 5 && pixels 1201 | tail -c 1200; } >"$work/bad"
  check 'a resume with other data' refuses 65 \
    'data.train: found samples with the hash |but the run to resume was trained on ' \
    "$work/good.yaml" --resume --set data.train.inputs=bad
  check 'initial parameters of another shape' refuses 65 \
    "$file: dense/kernel: another model: found the shape 20x8, expected 20x9 for kernel" \
    "$work/good.yaml" --init "$file" --force --set model.layers.0.dense.units=9
  check 'initial parameters of another layer' refuses 65 \
    "$file: another model: it has no tensor kernel of a layer first" \
    "$work/good.yaml" --init "$file" --force --set model.layers.0.dense.name=first
}

# ---- what a resume may change ----

resumes() { # ARGUMENTS...
  copy_run
  train_on 3 "$work/good.yaml" --resume --set training.epochs=3 "$@"
  equal status "$status" 0 && equal 'lines of standard error' "$(lines_of err)" 0
}

# The run was computed by one engine: another one is worth a warning, and no more.
warns_of_another_engine() {
  local engine count=0
  for engine in native openblas onednn; do
    copy_run
    run timeout "$limit" "$lockstep" train --out "$folder" "$work/good.yaml" --resume \
      --set training.epochs=3 --set "compute.engine=$engine"
    if grep -q 'is not in this build' "$work/err"; then continue; fi
    equal "status with $engine" "$status" 0 || return 1
    if grep -q 'warning: .* the last bits may differ' "$work/err"; then count=$((count + 1)); fi
  done
  note "$count engines were called others"
  ((count > 0))
}

check_allowed_changes() {
  cp "$work/images" "$work/moved"
  check 'a resume with the same data in another file' resumes --set data.train.inputs=moved
  check 'a resume with another way of reduction' resumes --set training.reduction=allreduce
  local name='a resume with another engine goes on, with a warning'
  run "$lockstep" train "$work/good.yaml" --dry-run --set compute.engine=native
  if ((status == 0)); then
    check "$name" warns_of_another_engine
  else
    skip "$name" 'there is one engine alone'
  fi
}

# ---- a broken checkpoint with a whole one behind it ----

passes_over_a_broken_checkpoint() {
  local hash more=("$work/good.yaml" --set training.epochs=4 --set checkpoint.keep=2)
  train 2 "$work/long" "${more[@]}" && hash=$(parameter_hash)
  file=$(find "$work/long/checkpoints" -name 'step_*' | sort | tail -n 1)
  flip "$file" 2000 1
  train 3 "$work/long" "${more[@]}" --resume
  equal status "$status" 0 && equal 'lines of standard error' "$(lines_of err)" 1 &&
    says "lockstep: warning: passed over: $file: damaged" && equal hash "$(parameter_hash)" "$hash"
}

# ---- training that leaves the finite numbers, and a disk that is full ----

# The loss overflows some steps after the first checkpoint, which stays.
says_where_it_diverges() {
  local folder ranks first=''
  for ranks in 1 3; do
    folder=$work/diverged_$ranks
    train_on "$ranks" "$work/good.yaml" --set optimizer.learning_rate=1e30 \
      --set checkpoint.every_steps=1 --set loss=mean_squared_error \
      --set model.layers.1.dense.activation=linear
    equal "status on $ranks ranks" "$status" 71 &&
      equal 'lines of standard error' "$(lines_of err)" 1 && says 'at step ' 'learning rate' &&
      equal "message on $ranks ranks" "$(message)" "${first:-$(message)}" || return 1
    first=$(message)
  done
}

keeps_the_last_good_checkpoint() {
  local folder=$work/diverged_3 step said
  step=$(head -c 512 "$folder/checkpoints/last.h5" | sed -n 's/^step //p')
  said=$(sed -E 's/.*at step ([0-9]+).*/\1/' "$work/err")
  equal 'last saved step' "$step" $((said - 1)) &&
    train 2 "$work/again" "$work/good.yaml" --init "$folder/checkpoints/last.h5" \
      --set optimizer.learning_rate=0 --set loss=mean_squared_error \
      --set model.layers.1.dense.activation=linear --set training.epochs=0 &&
    equal 'status of a run from it' "$status" 0
}

# The only update makes the parameters infinite, and no loss is computed with them any more.
says_that_parameters_diverge() {
  local folder ranks
  for ranks in 1 3; do
    folder=$work/infinite_$ranks
    train_on "$ranks" "$work/good.yaml" --set 'optimizer={name: sgd, learning_rate: 1e38}' \
      --set training.steps=1 --set loss=mean_squared_error \
      --set model.layers.1.dense.activation=linear --set data.scale=1e-3
    equal "status on $ranks ranks" "$status" 71 &&
      equal 'lines of standard error' "$(lines_of err)" 1 &&
      says 'a parameter was not finite any more at step 1 (epoch 1)' 'learning rate' || return 1
  done
}

# On a file system with room for one checkpoint and not for two.
says_that_the_disk_is_full() {
  local folder=$tiny/run ranks before
  for ranks in 1 3; do
    rm -rf "$folder"
    train_on "$ranks" "$work/good.yaml" --set training.epochs=1
    equal 'status of the first run' "$status" 0 && before=$(folder_state "$folder/checkpoints") &&
      train_on "$ranks" "$work/good.yaml" --resume &&
      equal "status on $ranks ranks" "$status" 74 &&
      equal 'lines of standard error' "$(lines_of err)" 1 &&
      says 'cannot write: No space left on device' &&
      equal 'checkpoints' "$(folder_state "$folder/checkpoints")" "$before" || return 1
  done
}

check_full_disk() {
  local name='a disk that is full'
  tiny=$work/tiny
  mkdir "$tiny"
  if mount -t tmpfs -o size=$((bytes * 3 / 2 / 1024 + 8))k tmpfs "$tiny" 2>/dev/null; then
    check "$name" says_that_the_disk_is_full
    umount -l "$tiny"
  else
    skip "$name" 'this user cannot mount a small file system'
  fi
}

check_checkpoints() {
  check_damage
  check_changes
  check_allowed_changes
  check 'a broken checkpoint with a whole one behind it' passes_over_a_broken_checkpoint
  check 'a loss that is not finite' says_where_it_diverges
  check 'the last good checkpoint stays' keeps_the_last_good_checkpoint
  check 'parameters that are not finite' says_that_parameters_diverge
  check_full_disk
}
