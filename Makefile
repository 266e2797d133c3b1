# SPDX-License-Identifier: MIT
#
# dropmill: three programs out of two archives and a contract.
#
#   make               the release build, in build/release
#   make check         all tests (check-unit, check-e2e); check-asan, check-tsan the same under a sanitizer
#   make lint          format, clang-tidy, cppcheck, shellcheck, layers, headers
#   make distcheck     all of these on a clean clone of HEAD
#   make V=1           shows the commands
#   make install       below PREFIX (/usr/local), and a configuration in /etc; make uninstall
#   make VARIANT=debug also: asan, tsan, crash (a worker with tests/hostile/misbehave.c in it)
#
# A new .c file in a room is found by its folder's wildcard; nothing is listed twice.

VERSION := 0.1.0
VARIANT ?= release
B := build/$(VARIANT)

CC := gcc
PKG_CONFIG := pkg-config
PREFIX ?= /usr/local
DESTDIR ?=

# A command is shown as "CC watcher/x.c", whole with V=1, not at all with -s.
Q := $(if $(filter 1,$(V)),,@)
quiet = $(filter 1,$(V))$(findstring s,$(firstword -$(MAKEFLAGS)))
say = $(if $(quiet),,@printf '%-5s %s\n' $(1) $(2))

# ---- flags ---------------------------------------------------------------------------------------

WARNINGS := -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes \
    -Wmissing-prototypes -Wformat=2 -Wvla -Wundef -Wwrite-strings
ifdef CI
WARNINGS += -Werror
endif
HARDENING := -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE

# DM_CHECK_ROWS: the invariants of a row are asserted after each move (ledger/invariants.h).
CFLAGS_release := -O2 -g $(HARDENING)
CFLAGS_debug := -O0 -g3 -DDM_CHECK_ROWS
CFLAGS_asan := -O1 -g -DDM_CHECK_ROWS -fsanitize=address,undefined -fno-omit-frame-pointer
CFLAGS_tsan := -O1 -g -DDM_CHECK_ROWS -fsanitize=thread
CFLAGS_crash := -O2 -g $(HARDENING) -DDM_TEST_CRASH -DDM_CHECK_ROWS
LDFLAGS_release := -pie -Wl,-z,relro,-z,now
LDFLAGS_crash := $(LDFLAGS_release)
LDFLAGS_asan := -fsanitize=address,undefined
LDFLAGS_tsan := -fsanitize=thread
CFLAGS_module := -fPIC -fno-semantic-interposition
# Kernels are plain loops that the compiler vectorises. A fused multiply-add would give other bytes
# on machines that have one; jammed loops GCC 12 does not vectorise.
CFLAGS_kernels := -O3 -ffp-contract=off -fno-math-errno -fno-loop-unroll-and-jam

pkg_cflags = $(shell $(PKG_CONFIG) --cflags $(1) | sed 's/-I/-isystem /g')
pkg_libs = $(shell $(PKG_CONFIG) --libs $(1))

ALL_CFLAGS = -std=c17 -D_GNU_SOURCE -DDM_VERSION='"$(VERSION)"' -I. $(WARNINGS) \
    $(CFLAGS_$(VARIANT)) $(CPPFLAGS) $(CFLAGS)

GLIB_CFLAGS := $(call pkg_cflags,glib-2.0)
GLIB_LIBS := $(call pkg_libs,glib-2.0) -lm
WATCHER_CFLAGS := $(call pkg_cflags,sqlite3 libconfig libcurl libcrypto expat)
WATCHER_LIBS := $(call pkg_libs,sqlite3 libconfig)
PAGE_CFLAGS := $(call pkg_cflags,libmicrohttpd jansson libarchive zlib)
PAGE_LIBS := $(call pkg_libs,libmicrohttpd jansson libarchive zlib)
STORE_LIBS := $(call pkg_libs,libcurl libcrypto expat)
HTTP_LIBS := $(call pkg_libs,libcurl)
# Where the modules are: beside the program in a build, installed where the worker is. Old tags, because
# a new one (RUNPATH) counts for the caller of dlopen alone, which is the sanitizer where there is one.
MODULE_PATH := -Wl,--disable-new-dtags,-rpath,'$$ORIGIN:$$ORIGIN/../libexec/dropmill'
WORKER_CFLAGS := $(call pkg_cflags,vips gmodule-2.0 libpng zlib libjpeg libtiff-4 lcms2 libheif libwebpmux expat)
WORKER_LIBS := $(call pkg_libs,vips gmodule-2.0 libpng zlib libjpeg libtiff-4 lcms2 libheif libwebpmux expat) -lm
MPI_CFLAGS := $(call pkg_cflags,ompi-c)
MPI_LIBS := $(call pkg_libs,ompi-c)

# ---- sources -------------------------------------------------------------------------------------

COMMON_SRC := $(wildcard common/*.c)
WATCHER_SRC := $(filter-out watcher/dropmilld.c,$(wildcard watcher/*.c)) \
    $(wildcard watcher/ledger/*.c watcher/share/*.c watcher/inbox/*.c watcher/engine/*.c \
    watcher/outbox/*.c watcher/store/*.c watcher/http/*.c watcher/mirror/*.c watcher/s3_inbox/*.c \
    watcher/notices/*.c)
PAGE_SRC := $(filter-out watcher/page/dropmill-page.c,$(wildcard watcher/page/*.c))
PAGE_ASSETS := $(wildcard watcher/page/assets/*.*)
CLI_SRC := $(filter-out watcher/cli/dropmill.c,$(wildcard watcher/cli/*.c))
JOB_SRC := $(wildcard mpi_worker/job/*.c)
WORKER_SRC := $(JOB_SRC) $(wildcard mpi_worker/task/*.c mpi_worker/ops/*.c mpi_worker/codec/*.c \
    mpi_worker/image/*.c mpi_worker/meta/*.c mpi_worker/kernels/*.c)
ifeq ($(VARIANT),crash)
WORKER_SRC += tests/hostile/misbehave.c
endif

obj = $(patsubst %.c,$(B)/obj/%.o,$(1))
PROGRAMS := $(B)/dropmilld $(B)/dropmill $(B)/dropmill-page $(B)/dropmill-store.so $(B)/dropmill-http.so \
    $(B)/dropmill-worker
COMMON_TESTS := $(patsubst tests/%.c,$(B)/tests/%,$(wildcard tests/unit/common/test_*.c))
WATCHER_TESTS := $(patsubst tests/%.c,$(B)/tests/%,$(wildcard tests/unit/watcher/test_*.c))
WORKER_TESTS := $(patsubst tests/%.c,$(B)/tests/%,$(wildcard tests/unit/mpi_worker/test_*.c))
PAGE_TESTS := $(patsubst tests/%.c,$(B)/tests/%,$(wildcard tests/unit/page/test_*.c))
UNIT_TESTS := $(COMMON_TESTS) $(WATCHER_TESTS) $(PAGE_TESTS) $(WORKER_TESTS)

.PHONY: all tests
all: $(PROGRAMS)
tests: all $(UNIT_TESTS) $(B)/tests/fidelity/apply $(B)/tests/hostile/driver $(B)/tests/e2e/s3_driver \
    $(B)/tests/e2e/pictures_driver

# ---- compiling and linking -----------------------------------------------------------------------

# What may be in a module.
$(B)/obj/common/%.o: ROOM_CFLAGS = $(GLIB_CFLAGS) $(CFLAGS_module)
$(B)/obj/watcher/store/%.o $(B)/obj/watcher/http/%.o: ROOM_CFLAGS = $(GLIB_CFLAGS) $(WATCHER_CFLAGS) $(CFLAGS_module)
$(B)/obj/tests/unit/common/%.o: ROOM_CFLAGS = $(GLIB_CFLAGS)
$(B)/obj/watcher/%.o $(B)/obj/tests/unit/watcher/%.o: ROOM_CFLAGS = $(GLIB_CFLAGS) $(WATCHER_CFLAGS)
$(B)/obj/tests/unit/page/%.o: ROOM_CFLAGS = $(GLIB_CFLAGS) $(WATCHER_CFLAGS)
$(B)/obj/watcher/page/%.o: ROOM_CFLAGS = $(GLIB_CFLAGS) $(PAGE_CFLAGS) -I$(B)
$(B)/obj/mpi_worker/%.o $(B)/obj/tests/unit/mpi_worker/%.o: ROOM_CFLAGS = $(GLIB_CFLAGS) $(WORKER_CFLAGS)
$(B)/obj/mpi_worker/kernels/%.o: ROOM_CFLAGS = $(CFLAGS_kernels)
$(B)/obj/mpi_worker/job/%.o: ROOM_CFLAGS = $(GLIB_CFLAGS)
$(B)/obj/mpi_worker/job/transport.o: ROOM_CFLAGS = $(GLIB_CFLAGS) $(MPI_CFLAGS)

$(B)/obj/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CFLAGS) $(ROOM_CFLAGS) -MMD -MP -c -o $@ $<

# The files that browsers get, in the program: the list that assets.c includes.
$(B)/page_assets.inc: $(PAGE_ASSETS) Makefile
	@mkdir -p $(@D)
	$(call say,GEN,$@)
	$(Q)n=0; for file in $(PAGE_ASSETS); do n=$$((n + 1)); \
	    printf 'ASSET(%d, "%s", "%s")\n' $$n $${file##*/} $$file; done >$@
$(B)/obj/watcher/page/assets.o: $(B)/page_assets.inc $(PAGE_ASSETS)

$(B)/libcommon.a: $(call obj,$(COMMON_SRC))
$(B)/libwatcher.a: $(call obj,$(WATCHER_SRC))
$(B)/libcli.a: $(call obj,$(CLI_SRC))
$(B)/libpage.a: $(call obj,$(PAGE_SRC))
$(B)/libworker.a: $(call obj,$(WORKER_SRC))
# What several tests of the watcher need: fake jobs, benches.
$(B)/libwatcher_support.a: $(call obj,$(wildcard tests/unit/watcher/support/*.c))
$(B)/%.a:
	$(call say,AR,$@)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

LINK = $(CC) $(ALL_CFLAGS) $(LDFLAGS_$(VARIANT)) $(LDFLAGS) -o $@ $(filter %.o %.a,$^)

$(B)/dropmilld: $(call obj,watcher/dropmilld.c) $(B)/libwatcher.a $(B)/libcommon.a
	$(call say,LINK,$@)
	$(Q)$(LINK) $(MODULE_PATH) $(WATCHER_LIBS) $(GLIB_LIBS) -lpthread
$(B)/dropmill: $(call obj,watcher/cli/dropmill.c) $(B)/libcli.a $(B)/libwatcher.a $(B)/libcommon.a
	$(call say,LINK,$@)
	$(Q)$(LINK) $(MODULE_PATH) $(WATCHER_LIBS) $(GLIB_LIBS) -lpthread
$(B)/dropmill-page: $(call obj,watcher/page/dropmill-page.c) $(B)/libpage.a $(B)/libwatcher.a $(B)/libcommon.a
	$(call say,LINK,$@)
	$(Q)$(LINK) $(MODULE_PATH) $(WATCHER_LIBS) $(PAGE_LIBS) $(GLIB_LIBS) -lpthread
# The stores and the libraries that only they need, loaded where one is named (watcher/store/store_open.c).
$(B)/dropmill-store.so: $(B)/libwatcher.a $(B)/libcommon.a
	$(call say,LINK,$@)
	$(Q)$(filter-out -pie,$(LINK)) -shared -Wl,-Bsymbolic -Wl,-u,dm_store_s3_new -Wl,-u,dm_store_dir_new \
	    $(STORE_LIBS) $(GLIB_LIBS) -lpthread
# The same for what speaks HTTP (watcher/http/http_open.c).
$(B)/dropmill-http.so: $(B)/libwatcher.a $(B)/libcommon.a
	$(call say,LINK,$@)
	$(Q)$(filter-out -pie,$(LINK)) -shared -Wl,-Bsymbolic -Wl,-u,dm_http_module $(HTTP_LIBS) $(GLIB_LIBS)
$(B)/dropmill-worker: $(call obj,mpi_worker/main.c) $(B)/libworker.a $(B)/libcommon.a
	$(call say,LINK,$@)
	$(Q)$(LINK) -rdynamic $(WORKER_LIBS) $(MPI_LIBS) $(GLIB_LIBS) -lpthread

$(COMMON_TESTS): $(B)/tests/%: $(B)/obj/tests/%.o $(B)/libcommon.a
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(LINK) $(GLIB_LIBS) -lpthread
$(WATCHER_TESTS): $(B)/tests/%: $(B)/obj/tests/%.o $(B)/libwatcher_support.a $(B)/libcli.a \
    $(B)/libpage.a $(B)/libwatcher.a $(B)/libcommon.a
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(LINK) $(WATCHER_LIBS) $(STORE_LIBS) $(GLIB_LIBS) -lpthread
$(PAGE_TESTS): $(B)/tests/%: $(B)/obj/tests/%.o $(B)/libwatcher_support.a $(B)/libpage.a \
    $(B)/libwatcher.a $(B)/libcommon.a
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(LINK) $(WATCHER_LIBS) $(STORE_LIBS) $(PAGE_LIBS) $(GLIB_LIBS) -lpthread
$(WORKER_TESTS): $(B)/tests/%: $(B)/obj/tests/%.o $(B)/libworker.a $(B)/libcommon.a
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(LINK) -rdynamic $(WORKER_LIBS) $(MPI_LIBS) $(GLIB_LIBS) -lpthread

$(B)/obj/tests/fidelity/%.o $(B)/obj/tests/hostile/%.o: ROOM_CFLAGS = $(GLIB_CFLAGS) $(WORKER_CFLAGS)
$(B)/tests/fidelity/apply $(B)/tests/hostile/driver: $(B)/tests/%: $(B)/obj/tests/%.o \
    $(B)/libworker.a $(B)/libcommon.a
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(LINK) -rdynamic $(WORKER_LIBS) $(GLIB_LIBS) -lpthread

$(B)/obj/tests/e2e/%.o: ROOM_CFLAGS = $(GLIB_CFLAGS) $(WATCHER_CFLAGS)
$(B)/tests/e2e/s3_driver $(B)/tests/e2e/pictures_driver: $(B)/tests/%: $(B)/obj/tests/%.o \
    $(B)/libwatcher_support.a $(B)/libpage.a $(B)/libwatcher.a $(B)/libcommon.a
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(LINK) $(WATCHER_LIBS) $(STORE_LIBS) $(GLIB_LIBS) -lpthread

.SECONDARY:
-include $(shell find $(B)/obj -name '*.d' 2>/dev/null)

.PHONY: clean
clean:
	rm -rf build compile_commands.json

# ---- checks --------------------------------------------------------------------------------------

C_FILES = $(shell git ls-files --cached --others --exclude-standard '*.c' '*.h')
H_FILES = $(filter %.h,$(C_FILES))
SHELL_FILES = $(shell git ls-files --cached --others --exclude-standard '*.sh' '*.t' | xargs grep -lE '^\#!/bin/(ba)?sh')

.PHONY: check check-unit check-e2e check-fidelity check-hostile check-asan check-tsan demo gallery
check:
	sh tests/run.sh
check-unit check-e2e check-fidelity check-hostile: check-%:
	sh tests/run.sh $*
check-asan:
	VARIANT=asan HOSTILE_FILES=300 sh tests/run.sh unit tests/e2e/sanitized.t tests/hostile/hostile.t
check-tsan:
	VARIANT=tsan sh tests/run.sh unit tests/e2e/sanitized.t
demo:
	sh examples/demo.sh
# Look at it; then cp build/gallery/gallery.png examples/ for the README.
gallery: all
	sh packaging/deps.sh gallery
	/usr/bin/python3 -B examples/gallery.py --build $(B)

.PHONY: lint check-layers check-headers check-format tidy cppcheck shellcheck format
lint: check-layers check-headers check-format cppcheck shellcheck tidy
check-layers:
	sh tests/check_layers.sh
check-headers:
	@for h in $(H_FILES); do \
	    $(CC) -std=c17 -D_GNU_SOURCE -I. $(GLIB_CFLAGS) $(WATCHER_CFLAGS) $(WORKER_CFLAGS) \
	        -Wall -Wextra -Werror -fsyntax-only -x c $$h || exit 1; done
check-format:
	@clang-format-14 --dry-run -Werror $(C_FILES)
format:
	clang-format-14 -i $(C_FILES)
cppcheck:
	cppcheck --quiet --error-exitcode=1 --std=c11 --library=gtk,posix --enable=warning,portability \
	    --inline-suppr --suppressions-list=tests/cppcheck.supp -I. -D_GNU_SOURCE \
	    -DDM_VERSION='"0"' common watcher mpi_worker
shellcheck:
	@shellcheck -x $(SHELL_FILES)
tidy: $(B)/page_assets.inc
	@printf '%s\n' $(filter %.c,$(C_FILES)) | grep -v "^tests/" | xargs -P 2 -n 8 sh -c \
	    'clang-tidy-14 --quiet "$$@" -- -std=c17 -D_GNU_SOURCE -DDM_VERSION=\"0\" -I. -I$(B) \
	    $(GLIB_CFLAGS) $(WATCHER_CFLAGS) $(PAGE_CFLAGS) $(WORKER_CFLAGS) $(MPI_CFLAGS) 2>/dev/null' tidy

# All of it on a clean clone of HEAD; or a part, as in CHECKS=lint.
.PHONY: distcheck
distcheck:
	@sh tests/distcheck.sh $(CHECKS)

# ---- hostile files in masses, and long work: the long forms of tests/hostile

HOSTILE_FILES ?= 20000
HOSTILE_SEED ?= 1
SOAK_FILES ?= 10000
S3_KILLS ?= 200
STORM_FILES ?= 100000
MODEL_SCRIPTS ?= 10000
.PHONY: hostile soak s3-kills storm model
# More files at once than the kernel can tell of. Users at their worst, by scripts from seeds.
storm: all
	STORM_FILES=$(STORM_FILES) sh tests/run.sh tests/e2e/storm.t
model: tests
	MODEL_SCRIPTS=$(MODEL_SCRIPTS) $(B)/tests/unit/watcher/test_inbox_model
# The daemon killed so often while it mirrors results that are rewritten, into a directory and a bucket, and while it
# takes objects.
s3-kills: all
	KILLS=$(S3_KILLS) sh tests/run.sh tests/e2e/mirror.t tests/e2e/s3_kills.t tests/e2e/s3_inbox.t
soak:
	SOAK_FILES=$(SOAK_FILES) sh tests/run.sh tests/hostile/soak.t
hostile:
	HOSTILE_FILES=$(HOSTILE_FILES) HOSTILE_SEED=$(HOSTILE_SEED) KEEP=$(KEEP) sh tests/run.sh tests/hostile/hostile.t

# ---- fuzzing: clang's libFuzzer over the parsers, FUZZ_SECONDS each

FUZZERS := $(patsubst tests/fuzz/%.c,build/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZED_SRC := $(filter-out $(JOB_SRC),$(WORKER_SRC)) watcher/store/json_fields.c watcher/cli/send_talk.c \
    $(addprefix watcher/page/,download.c drop_id.c drop_names.c fields.c guard.c picture_size.c preview_chain.c \
    preview_lengths.c zip_names.c)
FUZZ_SECONDS ?= 20

.PHONY: fuzz
fuzz: $(FUZZERS)
	@for f in $(FUZZERS); do mkdir -p $$f.corpus; \
	    $$f -max_total_time=$(FUZZ_SECONDS) -max_len=4096 -timeout=5 $$f.corpus || exit 1; done
build/fuzz/%: tests/fuzz/%.c $(COMMON_SRC) $(FUZZED_SRC)
	@sh packaging/deps.sh fuzz
	@mkdir -p $(@D)
	clang -std=c17 -D_GNU_SOURCE -I. -O1 -g -fsanitize=fuzzer,address,undefined \
	    $(GLIB_CFLAGS) $(WORKER_CFLAGS) $(PAGE_CFLAGS) -DDM_VERSION='"0"' -o $@ $^ $(WORKER_LIBS) $(PAGE_LIBS) \
	    $(GLIB_LIBS) -lpthread

# ---- every tag before and after, over the test pictures of four projects

CORPUS := build/corpus
.PHONY: fidelity-corpus
fidelity-corpus: all
	sh packaging/deps.sh test
	sh tests/fidelity/fetch_corpus.sh $(CORPUS)
	/usr/bin/python3 -B tests/fidelity/corpus.py $(B)/dropmill $(CORPUS)/results --validate \
	    --table $(CORPUS)/changes.txt $$(find $(CORPUS) -path $(CORPUS)/results -prune -o -type f \
	    -iregex '.*\.\(jpe?g\|png\|webp\|tiff?\|gif\|heic\|avif\)' -print | sort)

# ---- installing ----------------------------------------------------------------------------------

SBIN := $(PREFIX)/sbin
LIBEXEC := $(PREFIX)/libexec/dropmill
SHARE := $(PREFIX)/share/dropmill
DOC := $(PREFIX)/share/doc/dropmill
MAN := $(PREFIX)/share/man
# Where systemd looks for units; Debian's packages say /lib/systemd/system.
UNITS := $(PREFIX)/lib/systemd/system
CONF := /etc/dropmill/dropmill.conf
MAN_PAGES := $(wildcard packaging/man/*.[1-8])
# README's pictures among them.
EXAMPLES := $(addprefix examples/,smb.conf exports nginx.conf Caddyfile notify-mail.sh before-after.png gallery.png dashboard.png) \
    packaging/nftables-hosts.conf packaging/prometheus/alerts.yml
D := $(DESTDIR)

# mode | file | where it goes, with its name
PLACE = install -D -m $(1) $(2) $(D)$(3)
# unit | its source | arguments of the program | of a template: which share in words, in names
unit = sed -e 's|@SBIN@|$(SBIN)|; s|@CONFIG@|$(3)|; s|@OF_INSTANCE@|$(4)|; s|@AT_INSTANCE@|$(5)|' \
    packaging/systemd/$(2).in >$(D)$(UNITS)/$(1)

# What is installed, and where: packaging/installed.txt is compared with it (tests/e2e/installed.t).
.PHONY: install uninstall
install: all
	$(call PLACE,755,$(B)/dropmilld,$(SBIN)/dropmilld)
	$(call PLACE,755,$(B)/dropmill-page,$(SBIN)/dropmill-page)
	$(call PLACE,755,$(B)/dropmill,$(PREFIX)/bin/dropmill)
	$(call PLACE,755,$(B)/dropmill-worker,$(LIBEXEC)/dropmill-worker)
	$(call PLACE,644,$(B)/dropmill-store.so,$(LIBEXEC)/dropmill-store.so)
	$(call PLACE,644,$(B)/dropmill-http.so,$(LIBEXEC)/dropmill-http.so)
	$(call PLACE,644,examples/older-systems/recipes.conf,$(SHARE)/older-systems/recipes.conf)
	install -D -m 644 -t $(D)$(DOC) README.md CHANGELOG.md
	install -D -m 644 -t $(D)$(DOC)/examples $(EXAMPLES)
	$(call PLACE,644,packaging/prometheus/grafana/dropmill.json,$(DOC)/examples/grafana/dropmill.json)
	install -D -m 644 -t $(D)$(PREFIX)/lib/sysusers.d packaging/sysusers.d/dropmill.conf packaging/sysusers.d/dropmill-page.conf
	$(call PLACE,644,packaging/journald/dropmill.catalog,$(PREFIX)/lib/systemd/catalog/dropmill.catalog)
	$(call PLACE,644,packaging/completion/dropmill.bash,$(PREFIX)/share/bash-completion/completions/dropmill)
	$(call PLACE,644,packaging/completion/_dropmill,$(PREFIX)/share/zsh/vendor-completions/_dropmill)
	$(call PLACE,644,packaging/completion/dropmill.fish,$(PREFIX)/share/fish/vendor_completions.d/dropmill.fish)
	for page in $(MAN_PAGES); do \
	    install -D -m 644 $$page $(D)$(MAN)/man$${page##*.}/$${page##*/} || exit 1; done
	install -d $(D)$(UNITS)
	$(call unit,dropmilld.service,dropmilld.service,,,)
	$(call unit,dropmilld@.service,dropmilld.service, --config /etc/dropmill/%i.conf,: %i,@%i)
	$(call unit,dropmill-page.service,dropmill-page.service,,,)
	$(call PLACE,644,packaging/systemd/dropmill-page.socket,$(UNITS)/dropmill-page.socket)
	install -d $(D)$(dir $(CONF))conf.d $(D)$(dir $(CONF))recipes.d
	@# A configuration that is there is somebody's: the new one goes beside it.
	@if [ ! -e $(D)$(CONF) ]; then \
	    install -D -m 644 conf/dropmill.conf $(D)$(CONF); \
	elif ! cmp -s conf/dropmill.conf $(D)$(CONF); then \
	    install -m 644 conf/dropmill.conf $(D)$(CONF).new; \
	    echo "$(D)$(CONF) stays as it is, the new one is $(D)$(CONF).new"; \
	fi
# The configuration stays, and so do shares and ledgers.
uninstall:
	sed 's|^|$(D)$(PREFIX)/|' packaging/installed.txt | xargs -d '\n' rm -f
	rm -rf $(D)$(SHARE) $(D)$(DOC)
	[ ! -d $(D)$(LIBEXEC) ] || rmdir $(D)$(LIBEXEC)

# The packages for Debian: build/package/*.deb. Then all that judges them, in a system that is thrown away.
.PHONY: deb check-package
deb:
	sh packaging/build-deb.sh build/package
check-package:
	bash tests/package/check.sh

# ---- measuring -----------------------------------------------------------------------------------

BENCH := $(B)/tests/bench
BENCH_ARGS :=
# idle:1000:1000000 start:1000000, say
SCALE_ARGS :=

$(B)/obj/tests/bench/%.o: ROOM_CFLAGS = $(GLIB_CFLAGS) $(WORKER_CFLAGS)
$(BENCH)/bare_pool $(BENCH)/floor $(BENCH)/pipeline_pool: $(B)/obj/tests/bench/file_pool.o
$(BENCH)/bare_pool $(BENCH)/floor $(BENCH)/delay_proxy $(BENCH)/sink: $(BENCH)/%: $(B)/obj/tests/bench/%.o
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(LINK) $(WORKER_LIBS) $(GLIB_LIBS) -lpthread
$(BENCH)/kernels $(BENCH)/pipeline_pool: $(BENCH)/%: $(B)/obj/tests/bench/%.o $(B)/libworker.a \
    $(B)/libcommon.a
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(LINK) -rdynamic $(WORKER_LIBS) $(GLIB_LIBS) -lpthread
$(BENCH)/fake_worker: $(B)/obj/tests/bench/fake_worker.o $(call obj,$(JOB_SRC)) $(B)/libcommon.a
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(LINK) $(MPI_LIBS) $(GLIB_LIBS) -lpthread

$(B)/obj/tests/bench/year.o: ROOM_CFLAGS = $(GLIB_CFLAGS) $(WATCHER_CFLAGS)
$(BENCH)/year: $(B)/obj/tests/bench/year.o $(B)/libwatcher_support.a $(B)/libwatcher.a $(B)/libcommon.a
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(LINK) $(WATCHER_LIBS) $(GLIB_LIBS) -lpthread

# A year of the ledger in fast motion, at so many files a day and with so many days remembered: some 20 minutes.
YEAR_DAYS := 365
YEAR_FILES := 10000
YEAR_KEEP := 90
.PHONY: year
year: $(BENCH)/year
	$< $(YEAR_DAYS) $(YEAR_FILES) $(YEAR_KEEP) 10

# bench: dropmill end to end; bench-ops: operation by operation against the codec's floor;
# bench-kernels: the pixels alone; bench-daemon: what a file costs the daemon; bench-start: a job from nothing;
# bench-waiting: how long people wait for a few pictures; bench-watch: from a writer's last act to the result, a hot
# folder against what people script for one, and what it costs to watch much; bench-s3: results into a bucket, against
# rclone, awscli, s3cmd; bench-page: uploads against nginx, a ZIP, listeners, the first view; bench-page-preview: how long a
# preview takes, and how near it is to the result.
.PHONY: bench bench-ops bench-daemon bench-page bench-page-preview bench-s3 bench-start bench-waiting bench-watch bench-programs bench-kernels fidelity
bench-programs: all $(addprefix $(BENCH)/,bare_pool fake_worker floor pipeline_pool)
bench bench-ops:
	sh packaging/deps.sh bench
	$(MAKE) --no-print-directory -s -j $$(nproc) bench-programs
	/usr/bin/python3 -B tests/bench/$(subst -,_,$@).py --build $(B) $(BENCH_ARGS)
bench-daemon bench-waiting: all
	sh packaging/deps.sh bench
	/usr/bin/python3 -B tests/bench/$(subst -,_,$@).py --build $(B) $(BENCH_ARGS)
bench-watch: all
	sh packaging/deps.sh bench
	/usr/bin/python3 -B tests/bench/watch_latency.py --build $(B) $(BENCH_ARGS)
	/usr/bin/python3 -B tests/bench/watch_peers.py --build $(B) $(PEERS_ARGS)
	/usr/bin/python3 -B tests/bench/watch_scale.py --build $(B) $(SCALE_ARGS)
bench-s3: all $(BENCH)/delay_proxy $(BENCH)/sink
	sh packaging/deps.sh s3 bench_s3
	/usr/bin/python3 -B tests/bench/bench_s3.py --build $(B) $(BENCH_ARGS)
bench-page-preview: all $(B)/tests/e2e/pictures_driver
	sh packaging/deps.sh bench
	/usr/bin/python3 -B tests/bench/page_preview.py --build $(B) $(BENCH_ARGS)
bench-page: all
	sh packaging/deps.sh bench page browser
	/usr/bin/python3 -B tests/bench/bench_page.py --build $(B) $(BENCH_ARGS)
bench-start: all
	/usr/bin/python3 -B tests/bench/start.py $(B)/dropmill-worker $(BENCH_ARGS)
bench-kernels: $(BENCH)/kernels
	sh packaging/deps.sh bench
	/usr/bin/python3 -B tests/bench/kernels.py $(BENCH)/kernels
# What check-fidelity does, with photos too.
fidelity: $(B)/tests/fidelity/apply
	sh packaging/deps.sh bench
	/usr/bin/python3 -B tests/fidelity/compare.py --photos --table tests/fidelity/results.md $<
