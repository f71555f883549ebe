#include "training/observer.h"

extern const Observer progress_observer, metrics_observer, tensorboard_observer,
    checkpoint_observer, curves_observer;

const Observer *const observer_kinds[] = {
    &progress_observer,   &metrics_observer, &tensorboard_observer,
    &checkpoint_observer, &curves_observer,  NULL,
};
