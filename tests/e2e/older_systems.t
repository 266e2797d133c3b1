#!/bin/bash
# SPDX-License-Identifier: MIT
# The two systems that dropmill replaces: each of their labels is a folder name, and the recipes give exactly
# the pixels of the OpenCV calls that they made (older_systems.py), by one line in the configuration.
. "$(dirname "$0")/lib.sh"

means() { # TYPED CHAIN
    is "'$1' is $2" "$("$DROPMILL" --config /dev/null explain "$1" | head -n 1)" "$2"
}
means "Image Rotating" rotate
means "Edge Detection" edges
means "Color Inversion" invert
means "Blurring" blur
means "Thresholding" threshold
means "Sharpening" sharpen
means "Opening" open
means "Image Enhancement" enhance
means "Canny" edges
means "Canny Edges" edges
means "Gaussian Blur" blur
means "Median" median
means "Median Blur" median
means "Salt and Pepper Noise" median
means "Brightness Up" brighten
means "Brightness Down" darken
means "Increase Brightness" brighten
means "Decrease Brightness" darken
means "Negation" invert
means "Contrast Stretching" enhance
means "Morphological Opening" open

cp -r "$ROOT/examples/older-systems" "$WORK/older-systems"
mkdir "$WORK/etc"
printf 'recipes: {\n    @include "%s"\n    own = "gray";\n};\n' "$ROOT/examples/older-systems/recipes.conf" \
    >"$WORK/etc/absolute.conf"
printf 'recipes: {\n    @include "../older-systems/recipes.conf"\n    own = "gray";\n};\n' >"$WORK/etc/relative.conf"
for conf in absolute relative; do
    is "$conf include: a recipe" "$("$DROPMILL" --config "$WORK/etc/$conf.conf" explain "GUI Blurring" | head -n 1)" gui-blurring
    is "$conf include: one beside it" "$("$DROPMILL" --config "$WORK/etc/$conf.conf" explain own | head -n 1)" own
done
mkdir "$WORK/etc/recipes.d"
ln -s "$ROOT/examples/older-systems/recipes.conf" "$WORK/etc/recipes.d/older-systems.conf"
is "as a file of recipes" "$(CONFIGURATION_DIRECTORY=$WORK/etc "$DROPMILL" explain "GUI Blurring" | head -n 1)" gui-blurring
printf 'gui-blurring = "median-22";\n' >"$WORK/older-systems/recipes.conf"
"$DROPMILLD" --config "$WORK/etc/relative.conf" --check-config 2>"$WORK/errors"
is "a mistake in an included file: exit 78" $? 78
ok "is told with its value" grep -q "gui-blurring.*median-22: takes 3 to 255 pixels, in odd numbers" "$WORK/errors"

export XDG_RUNTIME_DIR=$WORK/runtime
mkdir -m 700 "$XDG_RUNTIME_DIR"
ok "pixels of every recipe are those of OpenCV" /usr/bin/python3 -B "$E2E/older_systems.py" "$DROPMILL" \
    "$WORK/etc/absolute.conf" "$ROOT/examples/older-systems/recipes.conf" "$WORK/pictures"
done_testing
