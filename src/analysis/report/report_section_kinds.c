#include "analysis/report/report_section.h"

extern const ReportSection headline_section, comparison_section, differences_section;
extern const ReportSection curves_section, evaluation_section, mistakes_section, weights_section;
extern const ReportSection histograms_section, time_section, facts_section, configuration_section;

/* clang-format off */
const ReportSection *const report_section_kinds[] = {
    &headline_section,
    &comparison_section,
    &differences_section,
    &curves_section,
    &evaluation_section,
    &mistakes_section,
    &weights_section,
    &histograms_section,
    &time_section,
    &facts_section,
    &configuration_section,
    NULL,
};
/* clang-format on */
