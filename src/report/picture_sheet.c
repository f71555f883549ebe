#include "report/picture_sheet.h"

#include <stdbool.h>
#include <string.h>

#include "base/memory.h"
#include "base/range.h"
#include "report/glyphs.h"

/* All in pixels of the sheet. */
enum {
  MARGIN = 14,          /* around the sheet, and on both sides of a line of the grid */
  PICTURE_SIDE = 112,   /* the longer side of a picture that is made larger has at most so many */
  MOST_SIDE = 256,      /* of one that is made smaller */
  TEXT_SCALE = 2,       /* of the glyphs */
  ADVANCE = 12,         /* from one character to the next */
  LINE_HEIGHT = 22,     /* from one line of text to the next */
  CAPTION_GAP = 8,      /* between a picture and its caption */
  CAPTION_LETTERS = 14, /* a caption makes its place at most so wide */
  MOST_COLUMNS = 10,
};

typedef struct Colour {
  uint8_t red, green, blue;
} Colour;

static const Colour paper = {250, 250, 247}, ink = {32, 32, 32}, grid = {216, 216, 210};

typedef struct Picture {
  uint8_t *pixels;
  char *caption;
} Picture;

struct PictureSheet {
  char *title;
  size_t height, width, n_channels; /* of a picture */
  size_t n_pictures;
  Picture *pictures;
};

/* Where everything lies. */
typedef struct Layout {
  size_t height, width; /* of a picture on the sheet */
  size_t lines;         /* of the longest caption */
  size_t n_columns, n_rows;
  size_t cell_height, cell_width, top; /* top: where the cells begin */
} Layout;

PictureSheet *picture_sheet_create(const char *title, size_t height, size_t width,
                                   size_t n_channels) {
  PictureSheet *sheet = NEW(PictureSheet);
  *sheet = (PictureSheet){
      .title = memory_copy_text(title), .height = height, .width = width, .n_channels = n_channels};
  return sheet;
}

void picture_sheet_add(PictureSheet *sheet, const uint8_t *pixels, const char *caption) {
  size_t n_bytes = sheet->height * sheet->width * sheet->n_channels;
  size_t old = sheet->n_pictures * sizeof(Picture);
  sheet->pictures = memory_grow(sheet->pictures, old, old + sizeof(Picture));
  Picture *picture = &sheet->pictures[sheet->n_pictures++];
  *picture = (Picture){memory_allocate(n_bytes), memory_copy_text(caption)};
  memcpy(picture->pixels, pixels, n_bytes);
}

/* ---- layout ---- */

static size_t larger(size_t a, size_t b) {
  return a > b ? a : b;
}

/* Characters in the first line of a text; *rest is where the next line begins. */
static size_t measure_line(const char *text, const char **rest) {
  const char *end = text + strcspn(text, "\n");
  size_t letters = 0;
  for (; text < end; letters++) glyph_next(&text);
  *rest = *end ? end + 1 : end;
  return letters;
}

/* Whole multiples keep the pixels of small pictures square. */
static void scale_pictures(const PictureSheet *sheet, Layout *layout) {
  size_t side = larger(sheet->height, sheet->width);
  size_t times = larger(PICTURE_SIDE / side, 1), divisor = (side + MOST_SIDE - 1) / MOST_SIDE;
  layout->height = larger(sheet->height * times / divisor, 1);
  layout->width = larger(sheet->width * times / divisor, 1);
}

static Layout lay_out(const PictureSheet *sheet) {
  Layout layout = {.top = 2 * MARGIN + LINE_HEIGHT};
  scale_pictures(sheet, &layout);
  size_t letters = 0;
  for (size_t i = 0; i < sheet->n_pictures; i++) {
    size_t lines = 0;
    for (const char *line = sheet->pictures[i].caption; *line; lines++) {
      letters = larger(letters, measure_line(line, &line));
    }
    layout.lines = larger(layout.lines, lines);
  }
  if (letters > CAPTION_LETTERS) letters = CAPTION_LETTERS;
  layout.cell_width = larger(layout.width, letters * ADVANCE) + 2 * MARGIN;
  layout.cell_height = layout.height + CAPTION_GAP + layout.lines * LINE_HEIGHT + 2 * MARGIN;
  layout.n_columns = sheet->n_pictures < MOST_COLUMNS ? sheet->n_pictures : MOST_COLUMNS;
  if (layout.n_columns) {
    layout.n_rows = (sheet->n_pictures + layout.n_columns - 1) / layout.n_columns;
  }
  return layout;
}

/* ---- drawing ---- */

static void put_pixel(Array *canvas, size_t y, size_t x, Colour colour) {
  uint8_t *at = (uint8_t *)canvas->values + (y * canvas->shape.dims[1] + x) * 3;
  at[0] = colour.red, at[1] = colour.green, at[2] = colour.blue;
}

static void fill(Array *canvas, Range rows, Range columns, Colour colour) {
  for (size_t y = rows.begin; y < rows.end; y++) {
    for (size_t x = columns.begin; x < columns.end; x++) put_pixel(canvas, y, x, colour);
  }
}

/* Draws a line of text that has room for `most` characters; returns where the next line begins. */
static const char *draw_line(Array *canvas, size_t y, size_t x, size_t most, const char *text) {
  const char *rest;
  size_t letters = measure_line(text, &rest);
  const char *ellipsis = "…";
  for (size_t i = 0; i < letters && i < most; i++, x += ADVANCE) {
    bool is_cut = letters > most && i + 1 == most;
    const uint8_t *rows = glyph_next(is_cut ? &ellipsis : &text);
    for (size_t bit = 0; bit < GLYPH_HEIGHT * GLYPH_WIDTH; bit++) {
      size_t row = bit / GLYPH_WIDTH, column = bit % GLYPH_WIDTH;
      if (!(rows[row] >> (GLYPH_WIDTH - 1 - column) & 1)) continue;
      size_t top = y + row * TEXT_SCALE, left = x + column * TEXT_SCALE;
      fill(canvas, (Range){top, top + TEXT_SCALE}, (Range){left, left + TEXT_SCALE}, ink);
    }
  }
  return rest;
}

/* The nearest pixel of the picture for every pixel of its place. */
static void draw_picture(Array *canvas, const PictureSheet *sheet, const Layout *layout, size_t y,
                         size_t x, const uint8_t *pixels) {
  size_t c = sheet->n_channels;
  for (size_t row = 0; row < layout->height; row++) {
    for (size_t column = 0; column < layout->width; column++) {
      size_t from_row = row * sheet->height / layout->height;
      size_t from_column = column * sheet->width / layout->width;
      const uint8_t *from = pixels + (from_row * sheet->width + from_column) * c;
      put_pixel(canvas, y + row, x + column, (Colour){from[0], from[c / 2], from[c - 1]});
    }
  }
}

static void draw_cell(Array *canvas, const PictureSheet *sheet, const Layout *layout, size_t i) {
  const Picture *picture = &sheet->pictures[i];
  size_t top = layout->top + i / layout->n_columns * layout->cell_height;
  size_t left = MARGIN + i % layout->n_columns * layout->cell_width;
  size_t bottom = top + layout->cell_height, right = left + layout->cell_width;
  fill(canvas, (Range){top, top + 1}, (Range){left, right}, grid);
  fill(canvas, (Range){bottom, bottom + 1}, (Range){left, right + 1}, grid);
  fill(canvas, (Range){top, bottom}, (Range){left, left + 1}, grid);
  fill(canvas, (Range){top, bottom}, (Range){right, right + 1}, grid);

  size_t x = left + MARGIN, y = top + MARGIN;
  draw_picture(canvas, sheet, layout, y, x, picture->pixels);
  y += layout->height + CAPTION_GAP;
  for (const char *line = picture->caption; *line; y += LINE_HEIGHT) {
    line = draw_line(canvas, y, x, (layout->cell_width - 2 * MARGIN) / ADVANCE, line);
  }
}

Array picture_sheet_draw(const PictureSheet *sheet) {
  Layout layout = lay_out(sheet);
  size_t title_width = glyph_count(sheet->title) * ADVANCE;
  size_t width = larger(layout.n_columns * layout.cell_width + 1, title_width) + 2 * MARGIN;
  size_t height = layout.top + layout.n_rows * layout.cell_height + 1 + MARGIN;
  Array canvas = array_create(DTYPE_U8, (Shape){.n_dims = 3, .dims = {height, width, 3}});
  fill(&canvas, (Range){0, height}, (Range){0, width}, paper);
  draw_line(&canvas, MARGIN, MARGIN, SIZE_MAX, sheet->title);
  for (size_t i = 0; i < sheet->n_pictures; i++) draw_cell(&canvas, sheet, &layout, i);
  return canvas;
}

void picture_sheet_destroy(PictureSheet *sheet) {
  if (!sheet) return;
  for (size_t i = 0; i < sheet->n_pictures; i++) {
    memory_release(sheet->pictures[i].pixels);
    memory_release(sheet->pictures[i].caption);
  }
  memory_release(sheet->pictures);
  memory_release(sheet->title);
  memory_release(sheet);
}
