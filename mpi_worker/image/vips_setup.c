// SPDX-License-Identifier: MIT
//
// See vips_setup.h; the semaphore that must not time out is in vips_semaphore.c.
#include "mpi_worker/image/vips_setup.h"

#include "common/error.h"
#include "mpi_worker/image/vips_semaphore.h"

#include <dlfcn.h>
#include <gmodule.h>
#include <malloc.h>
#include <string.h>
#include <vips/vector.h>

// Decoders that a stranger's bytes may reach. Everything else in libvips (SVG, PDF, ImageMagick,
// text that looks like a matrix) is blocked, whatever the file claims to be.
static const char *const decoders[] = {"VipsForeignLoadJpeg",  "VipsForeignLoadPng",
                                       "VipsForeignLoadWebp",  "VipsForeignLoadTiff",
                                       "VipsForeignLoadNsgif", "VipsForeignLoadHeif"};

/** Not dm_log_debug(): GLib takes its g_log() inside a handler for a circle, and aborts. */
static void to_debug_log(const char *domain, GLogLevelFlags level, const char *message,
                         void *data) {
    (void)level;
    (void)data;
    g_log_structured("dropmill", G_LOG_LEVEL_DEBUG, "MESSAGE", "%s: %s", domain, message);
}

/**
 * Big buffers come and go with every picture. Keeping them in the heap saves the page faults of a
 * new mapping each (a tenth of all CPU time); two arenas instead of one a thread keep the heap
 * small.
 */
static void tune_malloc(void) {
    mallopt(M_ARENA_MAX, 2);
    mallopt(M_MMAP_THRESHOLD, 256 << 20);
    mallopt(M_TRIM_THRESHOLD, 512 << 20);
}

/**
 * Start libvips without its modules, but for the one that reads and writes HEIF. By itself it would
 * load all of them, and with them poppler, ImageMagick and OpenSlide: half of the time of a start,
 * megabytes of every sandbox, and code that no picture shall come near.
 */
static int init_without_modules(void) {
    const char *home = g_getenv("VIPSHOME");
    g_autofree char *own_home = g_strdup(home);
    g_setenv("VIPSHOME", "/nonexistent", TRUE);
    int status = VIPS_INIT("dropmill-worker");
    if (own_home != NULL) {
        g_setenv("VIPSHOME", own_home, TRUE);
    } else {
        g_unsetenv("VIPSHOME");
    }
    return status;
}

/** Where modules are: beside libvips itself. */
static void load_heif(void) {
    Dl_info vips;
    int (*init)(const char *) = vips_init;
    void *symbol;
    memcpy(&symbol, &init, sizeof(symbol));
    if (dladdr(symbol, &vips) == 0 || vips.dli_fname == NULL) {
        return;
    }
    g_autofree char *dir = g_path_get_dirname(vips.dli_fname);
    g_autofree char *path = g_strdup_printf("%s/vips-modules-%d.%d/vips-heif.so", dir,
                                            VIPS_MAJOR_VERSION, VIPS_MINOR_VERSION);
    GModule *module = g_file_test(path, G_FILE_TEST_EXISTS) ? g_module_open(path, 0) : NULL;
    if (module != NULL) {
        g_module_make_resident(module);
    }
}

// libvips' loaders read EXIF through this function of libexif, several times a picture, and a
// directory that points at itself for seconds. A program that defines the name itself and exports
// it
// (-rdynamic) is asked in its place: what a file says of itself is the business of meta/.
void exif_data_load_data(void *exif, const unsigned char *data, unsigned size);

void exif_data_load_data(void *exif, const unsigned char *data, unsigned size) {
    (void)exif;
    (void)data;
    (void)size;
}

bool dm_vips_setup(GError **error) {
    static bool is_set_up;
    if (is_set_up) {
        return true;
    }
    tune_malloc();
    g_log_set_handler("VIPS", G_LOG_LEVEL_MASK | G_LOG_FLAG_RECURSION, to_debug_log, NULL);
    if (init_without_modules() != 0) {
        g_autofree char *why = dm_vips_error();
        return dm_fail(error, DM_ERROR_SYSTEM, "starting libvips: %s", why);
    }
    load_heif();
    if (!dm_vips_semaphore_is_sound()) {
        return dm_fail(error, DM_ERROR_SYSTEM,
                       "this program was linked without -rdynamic, and "
                       "libvips would hang after quiet times");
    }
    vips_vector_set_enabled(FALSE); // it writes machine code at run time, which the jail forbids
    vips_concurrency_set(1);
    vips_cache_set_max(0);
    vips_cache_set_max_mem(0);
    vips_cache_set_max_files(0);
    vips_operation_block_set("VipsForeignLoad", TRUE);
    for (size_t i = 0; i < G_N_ELEMENTS(decoders); i++) {
        if (g_type_from_name(decoders[i]) != 0) {
            vips_operation_block_set(decoders[i], FALSE);
        }
    }
    is_set_up = true;
    return true;
}

char *dm_vips_error(void) {
    char *text = vips_error_buffer_copy();
    g_strstrip(text);
    g_strdelimit(text, "\r\n\t", ';');
    if (text[0] != '\0') {
        return text;
    }
    g_free(text);
    return g_strdup("no reason given");
}

bool dm_vips_fail(GError **error, const char *what) {
    g_autofree char *said = dm_vips_error();
    return dm_fail(error, DM_ERROR_INPUT, "%s: libvips %s", what,
                   said[0] != '\0' ? said : "gave no reason");
}

bool dm_vips_replace(VipsImage **image, int status, VipsImage **next) {
    if (status != 0) {
        return false;
    }
    g_object_unref(*image);
    *image = *next;
    *next = NULL;
    return true;
}
