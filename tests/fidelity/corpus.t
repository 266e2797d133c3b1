#!/bin/sh
# SPDX-License-Identifier: MIT
# Every tag before and after, over the samples, and over what cameras of many makers and libtiff wrote (the test pictures
# of ExifTool and libtiff): nothing changes in silence, and no validator has anything to say. The long form, over the
# pictures of four projects, is `make fidelity-corpus`.
cd "$(dirname "$0")/../.." || exit 1
folder=$(mktemp -d /tmp/dm-corpus.XXXXXX)
mkdir -m 700 "$folder/run"
export XDG_RUNTIME_DIR="$folder/run"
result=0

# check NUMBER WHAT CORPUS.PY'S-ARGUMENTS
check() {
    sentence="$1 - no tag of $2 changes in silence"
    shift 2
    if /usr/bin/python3 -B tests/fidelity/corpus.py "${BUILD:-build/release}/dropmill" "$folder/out" --validate "$@" \
        >"$folder/said"; then
        echo "ok $sentence: $(tail -n 1 "$folder/said")"
    else
        echo "not ok $sentence"
        sed 's/^/# /' "$folder/said"
        result=1
    fi
}

echo 1..2
check 1 "the samples" tests/fidelity/inputs/*
if sh tests/fidelity/fetch_corpus.sh build/corpus libimage-exiftool-perl tiff >"$folder/said" 2>&1; then
    # shellcheck disable=SC2046 # names without blanks
    check 2 "cameras' pictures" --chains rotate-90,tiff \
        $(find build/corpus/libimage-exiftool-perl build/corpus/tiff -type f -iregex '.*\.\(jpe?g\|png\|webp\|tiff?\|gif\)')
else
    echo "ok 2 - # SKIP the pictures cannot be fetched: $(tail -n 1 "$folder/said")"
fi
[ -n "${KEEP:-}" ] || rm -rf "$folder"
exit $result
