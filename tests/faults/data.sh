# shellcheck shell=bash
# Part of tests/faults/test_bad_input.sh: data files.

# bad_idx NAME WORDS: $work/bad as the inputs.
bad_idx() { bad_data "$1" 65 "$work/bad: $2" data.train.inputs=bad; }

check_idx() {
  bad_data 'a missing data file' 66 "$work/none: No such file" data.train.inputs=none
  : >"$work/bad"
  bad_idx 'an empty IDX file' 'cut short: found 0 bytes, expected 4'
  { idx_header 0x504b0304 60 4 5 && pixels 1200; } >"$work/bad"
  bad_idx 'an IDX file with a wrong magic number' 'not an IDX file: found 50 4b'
  { idx_header 0xa03 60 4 5 && pixels 1200; } >"$work/bad"
  bad_idx 'an IDX file of an unknown type' 'found the element type 0x0a, expected 0x08'
  { idx_header 0x800 60 && pixels 1200; } >"$work/bad"
  bad_idx 'an IDX file without dimensions' 'found 0 dimensions, expected 1 to 8'
  { idx_header 0x803 0xffffffff 0xffffffff 0xffffffff && pixels 1200; } >"$work/bad"
  bad_idx 'an IDX file whose dimensions overflow' 'found the shape 4294967295x4294967295x4294967295'
  { idx_header 0x803 60 0 5 && pixels 1200; } >"$work/bad"
  bad_idx 'an IDX file with a dimension of 0' 'found the shape 60x0x5, expected dimensions of at'
  { idx_header 0x803 61 4 5 && pixels 1200; } >"$work/bad"
  bad_idx 'an IDX file of more than it has' 'found 1216 bytes, expected 1236 for 61x4x5 uint8'
  head -c 1000 "$work/images" >"$work/bad"
  bad_idx 'an IDX file that is cut short' 'found 1000 bytes, expected 1216 for 60x4x5 uint8'
  cat "$work/images" "$work/images" >"$work/bad"
  bad_idx 'an IDX file that goes on' 'found 2432 bytes, expected 1216 for 60x4x5 uint8'
  { idx_header 0x801 40 && labels 40; } >"$work/bad"
  bad_data 'another number of labels' 65 \
    "$work/images: found 60 inputs, but 40 targets in $work/bad" data.train.targets=bad
}

check_gzip() {
  head -c -20 "$work/images.gz" >"$work/bad"
  bad_idx 'gzip data that are cut off' 'unexpected end of file: the gzip data are corrupt'
  cp "$work/images.gz" "$work/bad"
  flip "$work/bad" $(($(stat -c %s "$work/bad") - 7)) 3
  bad_idx 'gzip data with a wrong checksum' 'incorrect data check: the gzip data are corrupt'
  { idx_header 0x803 60 4 5 && pixels 1000; } | gzip -n >"$work/bad"
  bad_idx 'gzip data of fewer elements' 'cut short: found 1016 bytes, expected 1216'
  { cat "$work/images" && echo; } | gzip -n >"$work/bad"
  bad_idx 'gzip data of more elements' 'found more bytes after its 60x4x5 uint8 elements'
  { idx_header 0x803 60000 4000 5000 && pixels 1200; } | gzip -n >"$work/bad"
  bad_idx 'gzip data that cannot be so large' \
    'found |bytes of gzip data, expected 1200000000016 for'
}

# bad_csv NAME CODE WORDS TEXT: a file of this text.
bad_csv() {
  printf '%s' "$4" >"$work/bad.csv"
  bad_data "$1" "$2" "$work/bad.csv$3" 'data.train={format: csv, inputs: bad.csv, target: class}' \
    model.input=2
}

check_csv() {
  bad_csv 'an empty CSV file' 65 ': found an empty file, expected rows of numbers' ''
  bad_csv 'a CSV file of a header alone' 65 ': found a header alone' $'a,b,class\n'
  bad_csv 'a CSV file with a short row' 65 ':3: found 2 fields, expected 3' \
    $'a,b,class\n1,2,0\n1,2\n1,2,1\n'
  bad_csv 'a CSV file with a long row' 65 ':3: found 4 fields, expected 3' \
    $'a,b,class\n1,2,0\n1,2,1,3\n'
  bad_csv 'a CSV file with a word among numbers' 65 \
    ":2: found 'two' in column 'b', expected a finite number" $'a,b,class\n1,two,0\n'
  bad_csv 'a CSV file with an empty cell' 65 ":2: found '' in column 'a'" $'a,b,class\n,2,0\n'
  bad_csv 'a CSV file with a number that is not finite' 65 ":2: found 'inf' in column 'b'" \
    $'a,b,class\n1,inf,0\n'
  bad_csv 'a CSV file without the target' 65 ":1: no column 'class'" $'a,b,c\n1,2,0\n'
  bad_csv 'a CSV file with a class that is none' 65 \
    ': sample 1: found the target 4, expected a class from 0 to 3' $'a,b,class\n1,2,0\n1,2,4\n'
  bad_csv 'a CSV file with a quote that is never closed' 65 ':2: found a quote' \
    $'a,b,class\n1,"2,0\n'
  printf 'a,b,class\n1,2,0\n' >"$work/bad.csv"
  bad_data 'a split of one sample' 65 'bad.csv: found 1 sample, expected 2 at least' model.input=2 \
    'data={train: {format: csv, inputs: bad.csv, target: class}, validation: {split: 0.25}}'
  bad_csv 'a CSV file of other columns' 64 \
    ': found samples of 3 numbers, expected 2, as model.input says' $'a,b,c,class\n1,2,3,0\n'
}

check_files() {
  check_idx
  check_gzip
  check_csv
}
