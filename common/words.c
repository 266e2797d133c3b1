// SPDX-License-Identifier: MIT
//
// The table of words.h. A phrase is in one row only; the longest one that fits is taken, and names
// and aliases of operations (mpi_worker/ops/op_*.c) come first where both are as long.
#include "common/words.h"

#include <glib.h>
#include <stdbool.h>
#include <string.h>

static const struct dm_word rows[] = {
    // ---- what falls away, and what joins
    {DM_WORD_FILLER,
     "to by at in under below over about than of for on a an the with into as is be it its this my "
     "me i we our your please "
     "all every each only just make makes set do turn-into change change-to convert converted "
     "conversion save saved export exported apply use using put get give from become format "
     "formats file files folder folders ordner dossier carpeta filter effect version size "
     "sized sizes dimension dimensions resolution image images picture pictures pic pics photo "
     "photos photograph photographs foto fotos quality angle amount level strength about "
     "exactly ca approx approximately longest longer long side edge sides value factor copies "
     "results output new-size final-size",
     NULL, NULL},
    {DM_WORD_THEN, "and then plus next followed-by after-that afterwards and-then also n", NULL,
     NULL},
    {DM_WORD_UNIT, "px pixel pixels pix", "px", NULL},
    {DM_WORD_UNIT, "percent pct per-cent prozent pourcent pour-cent porciento por-ciento", "pct",
     NULL},
    {DM_WORD_UNIT, "degrees degree deg degs grad grados grado degres degre", "deg", NULL},
    {DM_WORD_WIDTH, "width wide w broad widths", "", NULL},
    {DM_WORD_HEIGHT, "height high h tall heights", "", NULL},

    // ---- sizes
    {DM_WORD_MEANS,
     "rescale scaled rescaled resized resizing re-size size-to downscale downscaled downscaling "
     "down-scale downsize downsized downsample scale-down size-down shrink shrinking shrunk "
     "shrink-to "
     "reduce reduced reduce-size smaller small make-smaller max maximum max-size maximum-size "
     "at-most "
     "up-to longest-side longest-edge long-side long-edge longer-side longer-edge largest-side "
     "largest-edge max-side max-edge no-larger-than no-bigger-than "
     "not-larger-than not-bigger-than limit limit-to within fit-in fit-into fit-to fit-inside "
     "fit-within fitted bounded less-than",
     "resize", NULL},
    {DM_WORD_MEANS,
     "bigger larger upsize upsized upsample upsampled upscaled upscaling scale-up size-up "
     "make-bigger make-larger increase-size enlarged blow-up blowup up-scale",
     "enlarge", NULL},
    {DM_WORD_MEANS, "half half-size halve halved half-as-big half-as-large half-the-size",
     "resize-50pct", NULL},
    {DM_WORD_MEANS, "quarter quarter-size one-quarter", "resize-25pct", NULL},
    {DM_WORD_MEANS, "double double-size doubled twice twice-as-big twice-as-large twice-the-size",
     "resize-200pct", NULL},
    {DM_WORD_MEANS, "triple triple-size three-times", "resize-300pct", NULL},
    {DM_WORD_MEANS, "thumbs thumbnails thumb thumbnail thumb-nail thumb-nails", "fill", "400"},
    {DM_WORD_MEANS,
     "make-square cut-square crop-to-square square-crops square-cropped "
     "cropped-square",
     "square", NULL},
    {DM_WORD_MEANS, "cropped crop-to cut-to cut-out cutout", "crop", NULL},

    // ---- turning
    {DM_WORD_MEANS, "turn turned turning rotated rotates rotate-by turn-by rotate-image", "rotate",
     NULL},
    {DM_WORD_MEANS, "quarter-turn turn-quarter", "rotate-90", NULL},
    {DM_WORD_MEANS,
     "half-turn turn-around turn-round upside-down turn-upside-down rotate-upside-down",
     "rotate-180", NULL},
    {DM_WORD_MEANS,
     "ccw counter-clockwise counterclockwise anticlockwise anti-clockwise counter-clock-wise "
     "to-the-left leftwards",
     "left", NULL},
    {DM_WORD_MEANS, "cw clock-wise to-the-right rightwards", "right", NULL},
    {DM_WORD_MEANS,
     "auto-rotate autorotation auto-rotation fix-rotation fix-orientation correct-orientation "
     "upright turn-upright auto-orientation orientation",
     "orient", NULL},
    {DM_WORD_MEANS,
     "mirrored mirroring mirror-image flip-horizontal flip-horizontally horizontal-flip "
     "horizontally-flip flip-left-right flip-left-to-right flip-sideways mirror-horizontal "
     "mirror-horizontally horizontal-mirror mirror-left-right flip-h h-flip hflip fliph "
     "horizontal-flipping flipped-horizontally",
     "mirror", NULL},
    {DM_WORD_MEANS,
     "flipped flip-vertical flip-vertically vertical-flip flip-upside-down flip-up-down "
     "flip-top-bottom flip-top-to-bottom mirror-vertical mirror-vertically vertical-mirror flip-v "
     "v-flip vflip flipv mirror-top-bottom flipped-vertically mirror-up-down",
     "flip", NULL},

    // ---- colour and tone
    {DM_WORD_MEANS,
     "black-white blackwhite blackandwhite black-n-white b-w b-and-w gray-scale grey-scale "
     "grayscaled "
     "greyscaled grays greys gray-scaled no-color no-colour without-color without-colour "
     "remove-color "
     "remove-colour remove-colors colorless colourless decolor to-gray shades-of-gray "
     "shades-of-grey",
     "gray", NULL},
    {DM_WORD_MEANS,
     "inverse inverted inverting invert-color invert-colour negatives inverse-colors "
     "reverse-colors "
     "invert-image color-negative",
     "invert", NULL},
    {DM_WORD_MEANS,
     "brightness brighten-up more-brightness higher-brightness brightening brightened "
     "lightened lightening more-light raise-brightness brightness-increase light-up",
     "brighten", NULL},
    {DM_WORD_MEANS,
     "less-brightness lower-brightness reduce-brightness darkening darkened less-light "
     "brightness-decrease darken-down less-bright",
     "darken", NULL},
    {DM_WORD_MEANS,
     "contrast-up more-contrast higher-contrast high-contrast increase-contrast contrast-increase "
     "boost-contrast contrasty raise-contrast add-contrast",
     "contrast", NULL},
    {DM_WORD_MEANS,
     "contrast-down less-contrast lower-contrast low-contrast decrease-contrast reduce-contrast "
     "contrast-decrease",
     "contrast-less", NULL},
    {DM_WORD_MEANS,
     "more-saturation saturation-up increase-saturation higher-saturation saturated more-color "
     "more-colour more-colors more-colours more-colorful colorful colourful boost-saturation "
     "saturation-increase stronger-colors",
     "saturate", NULL},
    {DM_WORD_MEANS,
     "less-saturation saturation-down decrease-saturation lower-saturation reduce-saturation "
     "saturation-decrease less-color less-colour",
     "saturate-less", NULL},
    {DM_WORD_MEANS, "desaturated", "desaturate", NULL},
    {DM_WORD_MEANS, "colder cooler-colors make-cooler", "cool", NULL},
    {DM_WORD_MEANS, "warmed warmer-colors make-warmer", "warm", NULL},
    {DM_WORD_MEANS, "auto-level autolevel level-colors auto-contrasted automatic-levels", "levels",
     NULL},
    {DM_WORD_MEANS, "auto-enhance autoenhance enhanced improve improved auto-improve", "enhance",
     NULL},
    {DM_WORD_MEANS, "sepia-effect sepia-filter", "sepia", NULL},
    {DM_WORD_MEANS, "darken-corners dark-corners", "vignette", NULL},

    // ---- detail
    {DM_WORD_MEANS, "blurred blurry gauss unsharpen out-of-focus make-blurry soften softer", "blur",
     NULL},
    {DM_WORD_MEANS, "sharpened sharper sharpness more-sharp crisp crisper make-sharper", "sharpen",
     NULL},
    {DM_WORD_MEANS, "stronger strongly a-lot very-strong", "strong", NULL},
    {DM_WORD_MEANS, "slightly a-bit a-little lightly", "", NULL},
    {DM_WORD_MEANS,
     "denoised denoising reduce-noise noise-remove de-noise despeckle remove-specks "
     "remove-grain noise-filter less-noise",
     "median", NULL},
    {DM_WORD_MEANS,
     "find-edges edge-detect detect-edge edge-filter canny-edge show-edges edges-only edge-finder",
     "edges", NULL},
    {DM_WORD_MEANS, "pixelize pixelise pixelated-effect pixels-effect pixel-art", "pixelate", NULL},

    {DM_WORD_PERHAPS, "bright", "brighten", NULL},
    {DM_WORD_PERHAPS, "dark dim", "darken", NULL},
    {DM_WORD_PERHAPS, "cold", "cool", NULL},
    {DM_WORD_PERHAPS, "sharp", "sharpen", NULL},
    {DM_WORD_PERHAPS, "noise", "median", NULL},
    {DM_WORD_PERHAPS, "spin", "rotate", NULL},
    {DM_WORD_PERHAPS, "squares", "square", NULL},
    {DM_WORD_PERHAPS, "big", "enlarge", NULL},

    // ---- edges of the picture
    {DM_WORD_MEANS,
     "remove-white-border remove-white-borders remove-borders remove-the-border "
     "remove-black-border "
     "remove-black-borders remove-black-bars remove-margins remove-margin crop-border crop-borders "
     "crop-white crop-white-border trim-white trim-whitespace trim-borders trim-edges cut-border "
     "cut-borders cut-white remove-whitespace remove-white-space crop-whitespace auto-trim "
     "autotrim "
     "no-border without-border trimmed cut-off-white remove-edges",
     "trim", NULL},
    {DM_WORD_MEANS,
     "borders add-borders with-border add-white-border padded margin margins "
     "add-margin add-padding bordered",
     "pad", NULL},
    {DM_WORD_MEANS, "add-a-border put-border", "pad", NULL},
    {DM_WORD_MEANS, "white-border white-borders white-margin", "pad-white", NULL},
    {DM_WORD_MEANS, "black-border black-borders add-black-border black-margin", "pad-black", NULL},

    // ---- what is not wanted in the file
    {DM_WORD_MEANS,
     "no-exif no-metadata no-meta-data no-meta no-gps no-location no-geotag no-geotags "
     "without-exif "
     "without-metadata without-meta-data without-gps without-location without-place remove-meta "
     "remove-meta-data remove-location remove-the-location remove-gps-data remove-exif-data "
     "remove-place delete-exif delete-metadata delete-gps delete-location clear-exif "
     "clear-metadata "
     "clean-exif clean-metadata strip-gps strip-meta strip-meta-data strip-location "
     "strip-exif-data "
     "stripped anonymize anonymise anonymous exif-remove exif-off erase-exif wipe-exif "
     "wipe-metadata "
     "drop-exif drop-metadata remove-all-metadata metadata-remove exif-strip remove-geotag "
     "remove-geotags remove-camera-data",
     "strip", NULL},

    // ---- files
    {DM_WORD_MEANS, "jpgs jpegs jpeg-files jpe", "jpeg", NULL},
    {DM_WORD_MEANS, "pngs", "png", NULL},
    {DM_WORD_MEANS, "webps web-p", "webp", NULL},
    {DM_WORD_MEANS, "tifs tiffs", "tiff", NULL},
    {DM_WORD_MEANS, "gifs", "gif", NULL},
    {DM_WORD_MEANS, "avifs", "avif", NULL},
    {DM_WORD_SOURCE, "heic heif heics raw raws bmp cr2 cr3 nef arw dng psd pdf svg jp2 ico iphone",
     "Results can be saved as JPEG, PNG, WebP, AVIF, TIFF or GIF; for example \"jpeg-80\"", NULL},

    // ---- what is said of a purpose
    {DM_WORD_PURPOSE,
     "web website homepage internet online blog email e-mail mail mailing emails newsletter "
     "screen tv desktop phone mobile presentation powerpoint word office print printing web-ready "
     "web-optimized for-web shop ebay download upload uploads archive archiving sending send "
     "share sharing preview previews gallery",
     "what that needs is a size: for example resize-1600 (longest side at most 1600 pixels), or "
     "resize-1600_jpeg-80 for small files",
     NULL},
    {DM_WORD_PURPOSE,
     "instagram insta facebook twitter whatsapp youtube linkedin pinterest tiktok telegram story "
     "stories profile-picture profile-pic avatar avatars icon icons banner social social-media",
     "what that needs is a size: for example square-1080 (a square of 1080 pixels), "
     "resize-1600 (longest side at most 1600 pixels) or fill-1080x1350 (exactly this size)",
     NULL},

    // ---- what cannot be done, or not like this
    {DM_WORD_CANNOT,
     "kb mb gb kib mib kbyte mbyte kilobyte kilobytes megabyte megabytes bytes filesize file-size",
     "a size in KB or MB cannot be aimed at; resize-1600_jpeg-80 makes small files", NULL},
    {DM_WORD_CANNOT, "dpi ppi 300dpi 150dpi 72dpi print-quality",
     "dpi says only how large a picture is printed and changes no pixel; give the size in pixels, "
     "for example resize-3000",
     NULL},
    {DM_WORD_CANNOT,
     "cm mm inch inches in-inch a4 a3 a5 letter-size postcard paper 4x6 5x7 8x10 10x15 13x18 9x13 "
     "20x30",
     "sizes on paper (inch, cm) are not known here; give the size in pixels, for example "
     "fill-1800x1200 for 6 x 4 inch at 300 dots per inch, or resize-3000",
     NULL},
    {DM_WORD_CANNOT,
     "hd full-hd fullhd fhd uhd 4k 8k 2k 5k 1080p 720p 2160p 1440p wqhd qhd ultra-hd",
     "say the size in pixels, for example resize-1920x1080 for full HD or resize-3840x2160 for 4K",
     NULL},
    {DM_WORD_CANNOT, "mp megapixel megapixels mpx mpix",
     "say the size in pixels, for example resize-2000 (longest side at most 2000 pixels)", NULL},
    {DM_WORD_CANNOT,
     "compress compressed compression optimize optimise optimized optimised optimization lossy "
     "smaller-files smaller-file small-file small-files reduce-file-size reduce-filesize "
     "reduce-quality low-quality lower-quality high-quality best-quality hq good-quality lossless "
     "max-quality maximum-quality medium-quality",
     "say how: jpeg-80 saves as JPEG of quality 80 (100 is best and largest), "
     "resize-1600_jpeg-80 makes small files",
     NULL},
    {DM_WORD_CANNOT,
     "logo logos add-logo watermark watermarks watermarked add-watermark add-text text copyright "
     "signature add-copyright caption captions date-stamp timestamp put-logo with-logo branding",
     "a logo or watermark must first be set up by your administrator, in the group watermarks of "
     "dropmill.conf; the folder is then called watermark- and its name",
     NULL},
    {DM_WORD_CANNOT, "remove-watermark remove-logo remove-text remove-object remove-objects",
     "nothing can be taken out of a picture here, no watermark, logo or object", NULL},
    {DM_WORD_CANNOT,
     "face faces blur-faces pixelate-faces blur-face people person license-plate license-plates "
     "number-plates",
     "faces and people are not found by dropmill; blur-10 or pixelate-20 does it to the whole "
     "picture",
     NULL},
    {DM_WORD_CANNOT,
     "background remove-background background-removal no-background remove-bg bg make-transparent "
     "transparent-background white-background blur-background bokeh cut-out-background",
     "the background is not told from the rest of the picture, so it cannot be removed or changed",
     NULL},
    {DM_WORD_CANNOT, "straighten level-horizon horizon deskew skew perspective straight tilt",
     "how far a picture is askew is not measured here: rotate-2 turns it by two degrees, orient "
     "turns it as the camera noted",
     NULL},
    {DM_WORD_CANNOT,
     "white-balance balance whitebalance color-correct color-correction "
     "colour-correction colour-correct color-balance wb fix-colors fix-color",
     "the white balance is not found by itself: warm-20 or cool-20 shifts it, levels or enhance "
     "stretches the tones",
     NULL},
    {DM_WORD_CANNOT,
     "auto automatic automatically fix auto-fix autofix fix-it correct better retouch "
     "beautify optimum auto-correct autocorrect edit edited",
     "say what: enhance stretches the contrast, levels takes the extremes off, sharpen sharpens",
     NULL},
    {DM_WORD_CANNOT, "vibrance vivid vibrant saturation-boost pop",
     "vibrance is not known here; saturate-30 makes all colours stronger", NULL},
    {DM_WORD_CANNOT, "exposure highlights shadows hdr tone-mapping tonemap dehaze clarity curves",
     "that is not known here; brighten-20, darken-20, contrast-20, gamma-1.2 and clahe come near",
     NULL},
    {DM_WORD_CANNOT,
     "cartoon comic sketch drawing painting oil-painting watercolor watercolour pencil anime "
     "artistic "
     "art vintage retro old film lomo instant polaroid",
     "that effect is not known here; for an old look take sepia, for drawn lines edges", NULL},
    {DM_WORD_CANNOT,
     "frame frames framed add-frame picture-frame rounded rounded-corners round "
     "circle shadow drop-shadow",
     "there are no frames, shadows or round corners; pad-20-white sets a plain border around it",
     NULL},
    {DM_WORD_CANNOT, "passport passport-photo id-photo biometric visa",
     "a passport photo is cut by hand; fill-413x531 makes 35 x 45 mm at 300 dots per inch", NULL},
    {DM_WORD_CANNOT, "portrait landscape",
     "whether a picture stands or lies is not changed by itself: rotate-90 turns it, "
     "fill-1080x1350 cuts it upright, fill-1350x1080 across",
     NULL},
    {DM_WORD_CANNOT, "red-eye red-eyes redeye skin wrinkles",
     "eyes and faces are not found by dropmill, so that cannot be mended", NULL},
    {DM_WORD_CANNOT,
     "zip unzip rename renamed sort delete merge combine collage panorama stitch join montage "
     "video "
     "videos movie mp4 slideshow ocr scan album contact-sheet stack duplicates tag tags",
     "dropmill does to each picture by itself what the folder says; it does not gather, sort or "
     "rename them",
     NULL},
    {DM_WORD_CANNOT,
     "new-folder untitled-folder neuer-ordner unbenannter-ordner nouveau-dossier nueva-carpeta "
     "new-directory nuova-cartella nova-pasta",
     "this folder has no name yet: rename it to what you want done, for example resize-1600 or "
     "rotate-90",
     NULL},

    // ---- German, French, Spanish: the commonest wishes
    {DM_WORD_FOREIGN,
     "auf von mit nach als zu zum ein eine einen das die der den im bild bilder dateien machen "
     "mach breite kante lange seite maximal grosse-auf umwandeln konvertieren wandeln "
     "speichern a-la en de du des le la les un une avec pour sur vers photographie image-en "
     "convertir convertir-en convertir-a enregistrer cote con una el los las por para al "
     "imagen imagenes guardar lado maximo maximum-de um",
     "", NULL},
    {DM_WORD_FOREIGN, "und dann danach et puis y luego despues ensuite", "_", NULL},
    {DM_WORD_FOREIGN,
     "drehen drehe gedreht rotieren bild-drehen pivoter tourner faire-pivoter girar rotar voltear",
     "rotate", NULL},
    {DM_WORD_FOREIGN, "links nach-links linksherum gauche a-gauche izquierda a-la-izquierda",
     "left", NULL},
    {DM_WORD_FOREIGN, "rechts nach-rechts rechtsherum droite a-droite derecha a-la-derecha",
     "right", NULL},
    {DM_WORD_FOREIGN,
     "verkleinern verkleinert kleiner grosse groesse bildgrosse bildgroesse skalieren "
     "grosse-andern groesse-aendern redimensionner reduire retrecir taille redimensionar reducir "
     "achicar tamano cambiar-tamano plus-petit mas-pequeno encoger",
     "resize", NULL},
    {DM_WORD_FOREIGN,
     "vergrossern vergroessern grosser groesser agrandir plus-grand ampliar agrandar mas-grande",
     "enlarge", NULL},
    {DM_WORD_FOREIGN, "halb halbe halbieren halbe-grosse moitie mitad la-mitad", "resize-50pct",
     NULL},
    {DM_WORD_FOREIGN,
     "schwarzweiss schwarz-weiss schwarz-und-weiss sw s-w graustufen grau graustufe noir-et-blanc "
     "noir-blanc niveaux-de-gris gris nuances-de-gris blanco-y-negro blanco-negro escala-de-grises "
     "schwarzweis",
     "gray", NULL},
    {DM_WORD_FOREIGN,
     "scharfen schaerfen scharf scharfer schaerfer scharfzeichnen nachscharfen nettete affuter "
     "accentuer plus-net enfocar nitidez afilar",
     "sharpen", NULL},
    {DM_WORD_FOREIGN,
     "weichzeichnen weichzeichner unscharf unscharfe flou flouter desenfocar desenfoque difuminar "
     "borroso",
     "blur", NULL},
    {DM_WORD_FOREIGN,
     "heller aufhellen helligkeit eclaircir plus-clair luminosite aclarar mas-claro brillo "
     "mas-brillo",
     "brighten", NULL},
    {DM_WORD_FOREIGN, "dunkler abdunkeln assombrir plus-sombre foncer oscurecer mas-oscuro",
     "darken", NULL},
    {DM_WORD_FOREIGN, "kontrast mehr-kontrast contraste plus-de-contraste mas-contraste",
     "contrast", NULL},
    {DM_WORD_FOREIGN, "sattigung saettigung saturacion", "saturate", NULL},
    {DM_WORD_FOREIGN, "warmer-machen waermer plus-chaud mas-calido", "warm", NULL},
    {DM_WORD_FOREIGN, "kalter kaelter kuhler kuehler plus-froid mas-frio", "cool", NULL},
    {DM_WORD_FOREIGN, "spiegeln gespiegelt miroir espejo horizontal-spiegeln effet-miroir",
     "mirror", NULL},
    {DM_WORD_FOREIGN, "vertikal-spiegeln retourner", "flip", NULL},
    {DM_WORD_FOREIGN, "zuschneiden beschneiden ausschneiden recadrer rogner recortar cortar",
     "crop", NULL},
    {DM_WORD_FOREIGN, "quadrat quadratisch carre cuadrado", "square", NULL},
    {DM_WORD_FOREIGN,
     "negativ umkehren invertieren farben-umkehren negatif inverser negativo invertir", "invert",
     NULL},
    {DM_WORD_FOREIGN, "rand rahmen bordure cadre borde marco", "pad", NULL},
    {DM_WORD_FOREIGN, "rand-entfernen sans-bordure sin-borde", "trim", NULL},
    {DM_WORD_FOREIGN,
     "vorschau vorschaubild vorschaubilder miniatur miniaturen vignettes miniature miniatures "
     "miniatura miniaturas",
     "fill", "400"},
    {DM_WORD_FOREIGN,
     "ohne-exif ohne-metadaten metadaten-entfernen exif-entfernen ohne-gps ohne-standort ohne-ort "
     "sans-exif sans-metadonnees sans-gps sans-localisation supprimer-exif sin-exif sin-metadatos "
     "sin-gps sin-ubicacion quitar-exif",
     "strip", NULL},
    {DM_WORD_FOREIGN, "kanten kanten-finden contours contour bordes contornos", "edges", NULL},
    {DM_WORD_FOREIGN,
     "entrauschen rauschen rauschen-entfernen bruit reduire-bruit reducir-ruido ruido", "median",
     NULL},
    {DM_WORD_FOREIGN, "qualitat qualitaet qualite calidad", "jpeg", NULL},
    {DM_WORD_CANNOT, "wasserzeichen filigrane marca-de-agua",
     "a watermark must first be set up by your administrator, in the group watermarks of "
     "dropmill.conf",
     NULL},

    // ---- words of people's own folders that lie near to ours
    {DM_WORD_OTHER,
     "trip trips holiday holidays vacation wedding weddings birthday party family friends summer "
     "winter spring autumn christmas easter work private personal camera canon nikon sony image001 "
     "img dcim dsc kids baby dogs cats house garden beach city travel backup shots shoot "
     "event events team school class",
     "", NULL},
};

/** Say whether @phrase is one of the blank-separated @phrases. */
static bool has_phrase(const char *phrases, const char *phrase) {
    size_t length = strlen(phrase);
    for (const char *at = phrases; (at = strstr(at, phrase)) != NULL; at += length) {
        bool begins = at == phrases || at[-1] == ' ';
        if (begins && (at[length] == ' ' || at[length] == '\0')) {
            return true;
        }
    }
    return false;
}

const struct dm_word *dm_words(size_t *ret_count) {
    *ret_count = G_N_ELEMENTS(rows);
    return rows;
}

const struct dm_word *dm_word_find(const char *phrase) {
    for (size_t i = 0; *phrase != '\0' && i < G_N_ELEMENTS(rows); i++) {
        if (has_phrase(rows[i].phrases, phrase)) {
            return &rows[i];
        }
    }
    return NULL;
}
