// SPDX-License-Identifier: MIT
//
// libFuzzer entry: any bytes as a file. Sniffing and the scans of every format read nothing beyond
// the bytes, whatever these say, and a refusal has a sentence.
#include "mpi_worker/codec/sniff.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct dm_sniff sniff;
    dm_sniff(data, size, &sniff);
    if (sniff.codec == NULL) {
        g_autofree char *refusal = dm_sniff_refusal(&sniff);
        g_assert_true(refusal[0] != '\0');
    }
    size_t count;
    const struct dm_format *formats = dm_formats(&count);
    for (size_t i = 0; i < count; i++) {
        const struct dm_codec *codec = dm_codec_find(formats[i].name);
        struct dm_header header;
        codec->scan(data, size, &header);
        dm_codec_is_whole(codec, data, size);
    }
    return 0;
}
