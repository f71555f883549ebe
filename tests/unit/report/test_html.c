/* report/html: elements close in order, and no text becomes markup. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/fatal.h"
#include "base/memory.h"
#include "report/html.h"

#include <cmocka.h>

/* Compares what was written, and releases it. */
static void assert_page(Html *page, const char *expected) {
  char *text = html_take(page);
  assert_string_equal(text, expected);
  memory_release(text);
}

static void assert_text_becomes(const char *text, const char *expected) {
  Html page = {0};
  html_text(&page, "%s", text);
  assert_page(&page, expected);
}

static void elements_stand_inside_the_one_opened_last(void **state) {
  (void)state;
  Html page = {0};
  html_begin(&page, "ul");
  html_element(&page, "li", "%d", 1);
  html_begin(&page, "li");
  html_element(&page, "b", "two");
  html_text(&page, "!");
  html_end(&page, "li");
  html_end(&page, "ul");
  assert_page(&page, "<ul><li>1</li><li><b>two</b>!</li></ul>");
}

static void classes_follow_the_name_of_the_element(void **state) {
  (void)state;
  Html page = {0};
  html_element(&page, "td.number", "3");
  html_element(&page, "p.soft.wide", "x");
  assert_page(&page, "<td class=\"number\">3</td><p class=\"soft wide\">x</p>");
}

static void elements_without_content_are_closed_as_html_and_xml_both_want(void **state) {
  (void)state;
  Html page = {0};
  html_begin(&page, "div");
  html_end(&page, "div");
  html_begin(&page, "img");
  html_attribute(&page, "alt", "none");
  html_end(&page, "img");
  assert_page(&page, "<div></div><img alt=\"none\"/>");
}

static void text_is_never_markup(void **state) {
  (void)state;
  assert_text_becomes("<script>alert(\"a & b\")</script> 'c'",
                      "&lt;script&gt;alert(&quot;a &amp; b&quot;)&lt;/script&gt; &#39;c&#39;");
}

static void attribute_values_never_leave_their_quotes(void **state) {
  (void)state;
  Html page = {0};
  html_begin(&page, "p");
  html_attribute(&page, "title", "%s", "\" onclick='x' <&>");
  html_end(&page, "p");
  assert_page(&page, "<p title=\"&quot; onclick=&#39;x&#39; &lt;&amp;&gt;\"></p>");
}

static void letters_of_all_languages_stay(void **state) {
  (void)state;
  const char *text = "a\tb\nä → \xF0\x9F\x98\x80 \xED\x9F\xBF\xEE\x80\x80";
  assert_text_becomes(text, text);
}

#define REPLACED "\xEF\xBF\xBD"

static void bytes_that_are_no_characters_are_replaced(void **state) {
  (void)state;
  assert_text_becomes("a\xFFz", "a" REPLACED "z");
  assert_text_becomes("a\xC3", "a" REPLACED);                      /* cut short */
  assert_text_becomes("\xC0\xBC", REPLACED REPLACED);              /* an overlong '<' */
  assert_text_becomes("\xE0\x80\xBC", REPLACED REPLACED REPLACED); /* as well */
  assert_text_becomes("\xED\xA0\x80", REPLACED REPLACED REPLACED); /* a surrogate */
  assert_text_becomes("\xF4\x90\x80\x80", REPLACED REPLACED REPLACED REPLACED);
  assert_text_becomes("a\x01\x1B\x7F z", "a" REPLACED REPLACED REPLACED " z");
}

static void files_become_data_of_the_page(void **state) {
  (void)state;
  Html page = {0};
  html_begin(&page, "img");
  html_attribute_data(&page, "src", "image/png", "\x89PNG", 4);
  html_end(&page, "img");
  assert_page(&page, "<img src=\"data:image/png;base64,iVBORw==\"/>");
}

static void markup_is_appended_as_it_is(void **state) {
  (void)state;
  Html page = {0};
  html_begin(&page, "style");
  html_append_markup(&page, "a > b { color: red }");
  html_end(&page, "style");
  assert_page(&page, "<style>a > b { color: red }</style>");
}

/* ---- bugs of the caller ---- */

static jmp_buf way_out;

static void leave(const char *message) {
  (void)message;
  longjmp(way_out, 1);
}

/* Runs `misuse`, which has to be fatal, without its words on standard error. */
static void assert_fatal(void (*misuse)(Html *)) {
  Html page = {0};
  FILE *standard_error = stderr;
  stderr = fopen("/dev/null", "w");
  fatal_set_hook(leave);
  volatile int is_fatal = 1;
  if (setjmp(way_out) == 0) {
    misuse(&page);
    is_fatal = 0;
  }
  fatal_set_hook(NULL);
  fclose(stderr);
  stderr = standard_error;
  text_release(&page.text);
  assert_true(is_fatal);
}

static void close_another(Html *page) {
  html_begin(page, "div");
  html_begin(page, "p.soft");
  html_end(page, "div");
}

static void close_nothing(Html *page) {
  html_end(page, "p");
}

static void take_what_is_open(Html *page) {
  html_begin(page, "p");
  html_take(page);
}

static void give_an_attribute_too_late(Html *page) {
  html_begin(page, "p");
  html_text(page, "x");
  html_attribute(page, "title", "y");
}

static void nest_without_end(Html *page) {
  for (size_t i = 0; i <= HTML_MOST_DEPTH; i++) html_begin(page, "b");
}

static void pages_that_would_be_broken_end_the_program(void **state) {
  (void)state;
  assert_fatal(close_another);
  assert_fatal(close_nothing);
  assert_fatal(take_what_is_open);
  assert_fatal(give_an_attribute_too_late);
  assert_fatal(nest_without_end);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(elements_stand_inside_the_one_opened_last),
      cmocka_unit_test(classes_follow_the_name_of_the_element),
      cmocka_unit_test(elements_without_content_are_closed_as_html_and_xml_both_want),
      cmocka_unit_test(text_is_never_markup),
      cmocka_unit_test(attribute_values_never_leave_their_quotes),
      cmocka_unit_test(letters_of_all_languages_stay),
      cmocka_unit_test(bytes_that_are_no_characters_are_replaced),
      cmocka_unit_test(files_become_data_of_the_page),
      cmocka_unit_test(markup_is_appended_as_it_is),
      cmocka_unit_test(pages_that_would_be_broken_end_the_program),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
