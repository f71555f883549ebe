# Lockstep's build. `make help` lists the targets; everything that is built goes into build/.

BUILD   ?= build
PREFIX  ?= /usr/local
VENV    ?= $(BUILD)/interop_venv
CC      := mpicc
MAKEFLAGS += --no-print-directory

PACKAGES := yaml-0.1 jansson zlib libxxhash libzip libpng libisal libprotobuf-c
HDF5_FLAGS := $(shell pkg-config --cflags hdf5-serial 2>/dev/null || pkg-config --cflags hdf5 2>/dev/null)
HDF5_LIBS  := $(shell pkg-config --libs hdf5-serial 2>/dev/null || pkg-config --libs hdf5 2>/dev/null || echo -lhdf5)

# The same bits at every vector width and on every rank: no contraction, no reassociation.
ARITHMETIC := -ffp-contract=off -fno-math-errno -fno-trapping-math
WARNINGS   := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wvla -Wno-format-truncation \
              -Werror
OPTIMISE   ?= -O3 -g
CFLAGS     += -std=c11 -D_GNU_SOURCE -Isrc $(OPTIMISE) $(ARITHMETIC) $(WARNINGS) \
              $(HDF5_FLAGS) $(shell pkg-config --cflags $(PACKAGES) 2>/dev/null)
LDLIBS     += $(HDF5_LIBS) -lopenblas $(shell pkg-config --libs $(PACKAGES) 2>/dev/null) -lm

# oneDNN is used where it is installed, and never needed.
ifneq ($(shell $(CC) -E -x c -include dnnl.h /dev/null >/dev/null 2>&1 && echo yes),)
CFLAGS += -DLOCKSTEP_HAS_ONEDNN -fopenmp
LDLIBS += -ldnnl -lgomp
endif

VERSION := 0.1.0
CFLAGS  += -DLOCKSTEP_VERSION='"$(VERSION)"'

SOURCES := $(sort $(shell find src -name '*.c'))
CORE    := $(filter-out src/main.c,$(SOURCES))

# Formats that protocol buffers describe: ours in src/io/protos/, ONNX's where its package put it.
GENERATED  := $(BUILD)/generated
ONNX_PROTO := $(firstword $(wildcard $(addsuffix /onnx/onnx.proto,/usr/include /usr/local/include /opt/homebrew/include)))
PROTOS     := $(sort $(wildcard src/io/protos/*.proto)) $(ONNX_PROTO)
PROTO_C    := $(patsubst %.proto,$(GENERATED)/%.pb-c.c,$(notdir $(PROTOS)))
STYLE_C    := $(GENERATED)/report_style.c
CFLAGS     += -isystem $(GENERATED)
vpath %.proto $(sort $(dir $(PROTOS)))

# Two builds of one source: `f32` trains, `f64` checks gradients in double precision.
OBJECTS_f32 := $(CORE:%.c=$(BUILD)/f32/%.o) $(PROTO_C:.c=.o) $(STYLE_C:.c=.o)
OBJECTS_f64 := $(CORE:%.c=$(BUILD)/f64/%.o) $(PROTO_C:.c=.o) $(STYLE_C:.c=.o)

UNIT_TESTS     := $(sort $(shell find tests/unit -name 'test_*.c' 2>/dev/null))
UNIT_TESTS_f64 := $(sort $(shell find tests/unit -name 'check_*.c' 2>/dev/null))
TEST_PROGRAMS  := $(UNIT_TESTS:%.c=$(BUILD)/%) $(UNIT_TESTS_f64:%.c=$(BUILD)/%)
TEST_SUPPORT   := $(sort $(wildcard tests/support/*.c))

.PHONY: all demo test check test-interop results benchmarks lint format sanitize coverage docs install clean help
.SECONDARY:

all: $(BUILD)/lockstep $(BUILD)/lockstep_f64 ## build the program (the default)

$(BUILD)/lockstep: $(BUILD)/f32/src/main.o $(BUILD)/f32/liblockstep.a
	@echo "  LINK  $@"; $(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/lockstep_f64: $(BUILD)/f64/src/main.o $(BUILD)/f64/liblockstep.a
	@echo "  LINK  $@"; $(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/f32/liblockstep.a: $(OBJECTS_f32)
	@echo "  AR    $@"; rm -f $@; $(AR) rcs $@ $^

$(BUILD)/f64/liblockstep.a: $(OBJECTS_f64)
	@echo "  AR    $@"; rm -f $@; $(AR) rcs $@ $^

$(GENERATED)/%.pb-c.c $(GENERATED)/%.pb-c.h &: %.proto
	@echo "  PROTO $<"; mkdir -p $(@D); protoc-c --proto_path=$(dir $<) --c_out=$(@D) $<

# The style sheet of the pages, as a string of the program.
$(STYLE_C): src/report/report.css
	@echo "  STYLE $<"; mkdir -p $(@D); \
	{ echo 'const char report_style[] ='; sed 's/[\\"]/\\&/g; s/.*/  "&\\n"/' $<; echo '  ;'; } > $@

$(GENERATED)/%.o: $(GENERATED)/%.c
	@$(CC) $(CFLAGS) -w -c -o $@ $<

$(BUILD)/f32/%.o: %.c | $(PROTO_C)
	@echo "  CC    $<"; mkdir -p $(@D); $(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/f64/%.o: %.c | $(PROTO_C)
	@mkdir -p $(@D); $(CC) $(CFLAGS) -DLOCKSTEP_REAL_DOUBLE -MMD -MP -c -o $@ $<

# Tests: test_*.c against the float core, check_*.c (gradient checks) against the double one.
TEST_FLAGS := -Itests -Wno-conversion

$(BUILD)/tests/unit/%: tests/unit/%.c $(TEST_SUPPORT) $(BUILD)/f32/liblockstep.a $(BUILD)/f64/liblockstep.a
	@echo "  TEST  $@"; mkdir -p $(@D); \
	case $(notdir $@) in \
	check_*) $(CC) $(CFLAGS) $(TEST_FLAGS) -DLOCKSTEP_REAL_DOUBLE -MMD -MP -MF $@.d -MT $@ $(LDFLAGS) \
	  -o $@ $< $(TEST_SUPPORT) $(BUILD)/f64/liblockstep.a -lcmocka $(LDLIBS) ;; \
	*) $(CC) $(CFLAGS) $(TEST_FLAGS) -MMD -MP -MF $@.d -MT $@ $(LDFLAGS) \
	  -o $@ $< $(TEST_SUPPORT) $(BUILD)/f32/liblockstep.a -lcmocka $(LDLIBS) ;; esac

check: all $(TEST_PROGRAMS) ## build and run every test, with what is installed
	@BUILD=$(BUILD) tests/support/run_tests

test: ## install what is missing, build, run every test
	@launch/setup build test
	@$(MAKE) check

demo: ## install what is missing, build, train on two ranks
	@launch/setup build demo
	@$(MAKE) all
	@BUILD=$(BUILD) launch/demo

results: all ## train the reference workloads and the sweeps; write docs/results.md and batch_size.md (needs MNIST)
	@launch/setup build test
	@BUILD=$(BUILD) tests/bench/results
	@BUILD=$(BUILD) tests/bench/batch_size

benchmarks: all ## measure, also PyTorch, JAX and Keras; write docs/benchmarks.md (needs MNIST, an idle machine)
	@tests/bench/peers/setup $(BUILD)/peers_venv
	@BUILD=$(BUILD) tests/bench/benchmarks --venv $(BUILD)/peers_venv --results $(BUILD)/benchmarks \
	  --output docs/benchmarks.md

test-interop: all ## what Keras, PyTorch, NumPy, onnxruntime and TensorBoard make of our files (needs PyPI)
	@tests/interop/setup $(VENV)
	@tests/interop/run $(VENV) $(BUILD)/lockstep

lint: ## levels, doors, sizes, documented prototypes, formatting
	@tests/support/lint

format: ## let clang-format write the sources
	@clang-format -i $(shell find src tests -name '*.[ch]' -not -name 'golden_*')

sanitize: ## unit and parallel tests under AddressSanitizer and UBSan
	@$(MAKE) check BUILD=$(BUILD)/sanitize OPTIMISE='-O1 -g -fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=all' \
	  LDFLAGS='-fsanitize=address,undefined' SANITIZE=1

coverage: ## which lines the tests reach
	@$(MAKE) check BUILD=$(BUILD)/coverage OPTIMISE='-O1 -g --coverage -fprofile-update=atomic' LDFLAGS='--coverage'
	@tests/support/coverage $(BUILD)/coverage

docs: $(BUILD)/lockstep ## write docs/configuration.md from the option tables
	@$(BUILD)/lockstep options --markdown > docs/configuration.md

install: all ## install below PREFIX (default /usr/local)
	install -d $(DESTDIR)$(PREFIX)/bin
	install -m 755 $(BUILD)/lockstep $(BUILD)/lockstep_f64 $(DESTDIR)$(PREFIX)/bin
	install -m 755 launch/local $(DESTDIR)$(PREFIX)/bin/lockstep-local

clean: ## remove everything that was built
	rm -rf $(BUILD)

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
