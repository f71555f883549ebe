/* `lockstep info`: what this program was built with, and what it runs on. Starts no MPI. */

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/cores.h"
#include "base/memory.h"
#include "base/text.h"
#include "commands/command.h"
#include "commands/command_json.h"
#include "distributed/communicator.h"
#include "io/h5.h"
#include "io/json.h"
#include "math/product.h"

typedef struct InfoWords {
  bool json;
} InfoWords;

enum { KEY_JSON = 1000 };

static const struct argp_option options[] = {
    {"json", KEY_JSON, NULL, 0, "Print a JSON object", 0},
    {NULL, 0, NULL, 0, NULL, 0},
};

static error_t parse_word(int key, char *argument, struct argp_state *state) {
  InfoWords *words = state->input;
  switch (key) {
  case KEY_JSON: words->json = true; return 0;
  case ARGP_KEY_ARG:
    argp_error(state, "found the word '%s', expected none", argument);
    return EINVAL;
  default: return ARGP_ERR_UNKNOWN;
  }
}

static const struct argp parser = {
    .options = options,
    .parser = parse_word,
    .doc = "Show the versions that are at work, the kernels that compute, and the processor.\v"
           "Example:\n"
           "  lockstep info --json | jq -r .kernel_family\n"
           "\n"
           "Keys of the JSON object: lockstep, real, compiler, engine, kernel_family, kernel_note "
           "(null where there is nothing to say), mpi, hdf5, processor, cores.",
};

/* The widest vectors that kernels, or a processor, can work with. */
typedef enum VectorLevel { VECTOR_SSE, VECTOR_AVX, VECTOR_AVX2, VECTOR_AVX512 } VectorLevel;

static const char *const vector_names[] = {"SSE", "AVX", "AVX2", "AVX-512"};

/* Source: OpenBLAS, driver/others/dynamic.c, which picks a family where the processor has this. */
static const struct {
  const char *family;
  VectorLevel level;
} kernel_levels[] = {
    {"Prescott", VECTOR_SSE},    {"Core2", VECTOR_SSE},         {"Penryn", VECTOR_SSE},
    {"Nehalem", VECTOR_SSE},     {"Opteron", VECTOR_SSE},       {"Barcelona", VECTOR_SSE},
    {"Atom", VECTOR_SSE},        {"Bobcat", VECTOR_SSE},        {"Sandybridge", VECTOR_AVX},
    {"Bulldozer", VECTOR_AVX},   {"Piledriver", VECTOR_AVX},    {"Steamroller", VECTOR_AVX},
    {"Haswell", VECTOR_AVX2},    {"Excavator", VECTOR_AVX2},    {"Zen", VECTOR_AVX2},
    {"SkylakeX", VECTOR_AVX512}, {"Cooperlake", VECTOR_AVX512}, {"SapphireRapids", VECTOR_AVX512},
};

/* Of a family that is not known nothing bad is said. */
static VectorLevel level_of_kernels(const char *family) {
  for (size_t i = 0; i < sizeof kernel_levels / sizeof *kernel_levels; i++) {
    if (strcasecmp(kernel_levels[i].family, family) == 0) return kernel_levels[i].level;
  }
  return VECTOR_AVX512;
}

/* A line of /proc/cpuinfo of the first processor; empty if there is none. */
static char *read_processor_line(const char *key) {
  FILE *file = fopen("/proc/cpuinfo", "r");
  char *line = NULL, *value = NULL;
  size_t capacity = 0;
  while (file && !value && getline(&line, &capacity, file) > 0) {
    char *colon = strchr(line, ':');
    if (!colon || strncmp(line, key, strlen(key)) != 0) continue;
    colon[1 + strcspn(colon + 1, "\n")] = '\0';
    value = memory_copy_text(colon[1] == ' ' ? colon + 2 : colon + 1);
  }
  free(line);
  if (file) fclose(file);
  return value ? value : memory_copy_text("");
}

static bool has_flag(const char *flags, const char *name) {
  size_t length = strlen(name);
  for (const char *at = flags; (at = strstr(at, name)); at += length) {
    bool begins = at == flags || at[-1] == ' ', ends = at[length] == ' ' || !at[length];
    if (begins && ends) return true;
  }
  return false;
}

static VectorLevel level_of_processor(const char *flags) {
  if (has_flag(flags, "avx512f") && has_flag(flags, "avx512vl")) return VECTOR_AVX512;
  if (has_flag(flags, "avx2") && has_flag(flags, "fma")) return VECTOR_AVX2;
  return has_flag(flags, "avx") ? VECTOR_AVX : VECTOR_SSE;
}

/* What there is to say of OpenBLAS's choice of kernels; empty: nothing. */
static char *describe_kernels(void) {
  const char *family = product_kernels_of(PRODUCT_OPENBLAS);
  const char *chosen = getenv("OPENBLAS_CORETYPE");
  char *flags = read_processor_line("flags");
  VectorLevel kernels = level_of_kernels(family), processor = level_of_processor(flags);
  Text note = {0};
  if (chosen && *chosen) text_append(&note, "OPENBLAS_CORETYPE=%s chose them", chosen);
  if (*flags && processor > kernels) {
    text_append(&note,
                "%sthey use %s where this processor has %s: a newer OpenBLAS, or another "
                "OPENBLAS_CORETYPE, may be faster, with other last bits",
                note.length ? "; " : "", vector_names[kernels], vector_names[processor]);
  }
  memory_release(flags);
  return text_take(&note);
}

/* Processors that this process may run on; of a machine too large for the set, all of them. */
typedef struct Info {
  const char *real, *compiler, *engine, *kernel_family, *mpi, *hdf5;
  char *kernel_note, *processor; /* owned */
  long cores;
} Info;

#ifdef __clang__
#define COMPILER "clang " __clang_version__
#else
#define COMPILER "gcc " __VERSION__
#endif

static Info collect_info(void) {
  return (Info){.real = sizeof(real) == sizeof(float) ? "float" : "double",
                .compiler = COMPILER,
                .engine = product_version_of(PRODUCT_AUTO),
                .kernel_family = product_kernels_of(PRODUCT_AUTO),
                .mpi = communicator_library(),
                .hdf5 = h5_version(),
                .kernel_note = describe_kernels(),
                .processor = read_processor_line("model name"),
                .cores = (long)cores_usable()};
}

static void print_text(const Info *info) {
  const char *processor = *info->processor ? info->processor : "unknown";
  printf("lockstep    %s, %s\n", LOCKSTEP_VERSION, info->real);
  printf("compiler    %s\n", info->compiler);
  printf("engine      %s, %s kernels (auto)\n", info->engine, info->kernel_family);
  for (int i = PRODUCT_NATIVE; product_engine_names[i]; i++) {
    const char *version = product_version_of((ProductEngine)i);
    const char *kernels = product_kernels_of((ProductEngine)i);
    size_t bits = product_vector_bits_of((ProductEngine)i);
    printf("            %-9s %s%s%s", product_engine_names[i], version ? version : "not here",
           version ? ", " : "", version ? kernels : "");
    if (bits > 0) printf(" (%zu bits)", bits);
    printf("\n");
  }
  if (*info->kernel_note) printf("            %s\n", info->kernel_note);
  printf("mpi         %s\n", info->mpi);
  printf("hdf5        %s\n", info->hdf5);
  printf("processor   %s\n", processor);
  printf("cores       %ld for this process\n", info->cores);
}

static void print_json(const Info *info) {
  Json *document = json_new_object();
  json_put_text(document, "lockstep", LOCKSTEP_VERSION);
  json_put_text(document, "real", info->real);
  json_put_text(document, "compiler", info->compiler);
  json_put_text(document, "engine", info->engine);
  json_put_text(document, "kernel_family", info->kernel_family);
  Json *engines = json_new_object();
  for (int i = PRODUCT_NATIVE; product_engine_names[i]; i++) {
    json_put_text(engines, product_engine_names[i], product_version_of((ProductEngine)i));
  }
  json_put(document, "engines", engines);
  json_put_text(document, "kernel_note", *info->kernel_note ? info->kernel_note : NULL);
  json_put_text(document, "mpi", info->mpi);
  json_put_text(document, "hdf5", info->hdf5);
  json_put_text(document, "processor", *info->processor ? info->processor : NULL);
  json_put_whole(document, "cores", info->cores);
  command_print_json(document);
}

static Status run_command(int argc, char **argv) {
  InfoWords words = {0};
  bool done;
  TRY(command_parse(&parser, argc, argv, &words, &done));
  if (done || communicator_expected_rank() != 0) return OK;

  Info info = collect_info();
  if (words.json) {
    print_json(&info);
  } else {
    print_text(&info);
  }
  memory_release(info.kernel_note);
  memory_release(info.processor);
  return OK;
}

const Command info_command = {
    .name = "info",
    .summary = "show versions, kernels and processor",
    .run = run_command,
};
