#!/usr/bin/env python3
"""Fits the polynomials of src/math/transcendental.h and src/math/portable.c.

Each polynomial P(t) is the minimax one: it makes max |weight(t) (P(t) - target(t))| over the
interval least, where the weight turns an error of P into a relative error of the function. Method:
the Remez exchange in 60 digits, on a grid of Chebyshev points. Coefficients are rounded to the
stored type one by one, from the constant term on, and the rest is fitted again after each rounding.
Needs numpy and mpmath (committed coefficients: numpy 2.4.6, mpmath 1.4.1); takes half a minute.

    python3 fit_polynomials.py [name ...]    prints the coefficients, from the constant term on, and
                                             the greatest relative error (of the polynomial alone)
"""

import sys

import numpy
from mpmath import atanh, cos, erf, erfc, exp, log, lu_solve, matrix, mp, mpf, pi, sin, sqrt, tanh

mp.dps = 60
GRID_POINTS = 2000
MOST_EXCHANGES = 30


def chebyshev_points(low, high, count):
    """Extremes of the Chebyshev polynomial, from low to high, without the ends."""
    middle, radius = (high + low) / 2, (high - low) / 2
    return [middle - radius * cos(pi * (2 * i + 1) / (2 * count)) for i in range(count)]


def evaluate(coefficients, t):
    value = mpf(0)
    for coefficient in reversed(coefficients):
        value = value * t + coefficient
    return value


def alternating_extremes(errors, count):
    """Indices of `count` errors of alternating sign, the greatest ones, in order."""
    extremes = [0]
    for i in range(1, len(errors)):
        if (errors[i] > 0) != (errors[extremes[-1]] > 0):
            extremes.append(i)
        elif abs(errors[i]) > abs(errors[extremes[-1]]):
            extremes[-1] = i
    while len(extremes) > count:
        # Leaving out an inner one takes a neighbour along, or the signs would no longer alternate.
        sizes = [abs(errors[i]) for i in extremes]
        least = min(range(len(sizes)), key=sizes.__getitem__)
        if len(extremes) == count + 1 or least in (0, len(sizes) - 1):
            del extremes[0 if sizes[0] < sizes[-1] else -1]
        else:
            first = least - 1 if sizes[least - 1] < sizes[least + 1] else least
            del extremes[first:first + 2]
    return extremes


def remez(points, targets, weights, degree):
    """Coefficients of the minimax polynomial on a grid, and its greatest weighted error."""
    n = degree + 2
    reference = [(2 * i + 1) * len(points) // (2 * n) for i in range(n)]
    for _ in range(MOST_EXCHANGES):
        system, right = matrix(n, n), matrix(n, 1)
        for row, index in enumerate(reference):
            for power in range(degree + 1):
                system[row, power] = points[index] ** power
            system[row, degree + 1] = (-1) ** row / weights[index]
            right[row] = targets[index]
        solution = lu_solve(system, right)
        coefficients = [solution[i] for i in range(degree + 1)]
        errors = [w * (evaluate(coefficients, t) - y) for t, y, w in zip(points, targets, weights)]
        greatest = max(abs(error) for error in errors)
        if greatest <= abs(solution[degree + 1]) * mpf("1.0001"):
            break
        extremes = alternating_extremes(errors, n)
        if len(extremes) < n:
            break
        reference = extremes
    return coefficients, greatest


def fit(target, weight, low, high, degree, stored):
    """Minimax coefficients, each rounded to the type `stored`, and the greatest weighted error."""
    points = chebyshev_points(mpf(low), mpf(high), GRID_POINTS)
    targets = [target(t) for t in points]
    weights = [weight(t) for t in points]
    rest, rest_weights, rounded = targets, weights, []
    for remaining in range(degree, -1, -1):
        coefficients, _ = remez(points, rest, rest_weights, remaining)
        rounded.append(mpf(float(stored(str(coefficients[0])))))
        rest = [(y - rounded[-1]) / t for t, y in zip(points, rest)]
        rest_weights = [abs(w * t) for t, w in zip(points, rest_weights)]
    errors = [w * (evaluate(rounded, t) - y) for t, y, w in zip(points, targets, weights)]
    return rounded, max(abs(error) for error in errors)


HALF_LOG_2 = log(2) / 2
TWO_PI = 2 * pi
FLOAT, DOUBLE = numpy.float32, numpy.float64
TWO_PI_FLOAT, TWO_PI_DOUBLE = mpf(float(FLOAT(str(TWO_PI)))), mpf(float(TWO_PI))

# name: (target, weight, low, high, degree, stored type). Where t is a square, x = sqrt(t).
FITS = {
    # exp(r) = 1 + r + r^2 P(r)
    "float_exp": (lambda r: (exp(r) - 1 - r) / r**2, lambda r: r**2 / exp(r),
                  -HALF_LOG_2 * 1.01, HALF_LOG_2 * 1.01, 4, FLOAT),
    # log(1 + f) = f - f^2 / 2 + f^3 P(f), 1 + f in [2/3, 4/3]
    "float_log": (lambda f: (log(1 + f) - f + f**2 / 2) / f**3, lambda f: abs(f**3 / log(1 + f)),
                  -mpf(1) / 3, mpf(1) / 3, 7, FLOAT),
    # tanh(x) = x + x^3 P(x^2), |x| <= 0.75
    "float_tanh": (lambda t: (tanh(sqrt(t)) - sqrt(t)) / sqrt(t)**3,
                   lambda t: sqrt(t)**3 / tanh(sqrt(t)), 0, mpf("0.5625"), 5, FLOAT),
    # erf(x) = x + x P(x^2), |x| <= 1
    "float_erf_centre": (lambda t: erf(sqrt(t)) / sqrt(t) - 1, lambda t: sqrt(t) / erf(sqrt(t)),
                         0, 1, 6, FLOAT),
    # erf(x) = 1 - exp(-P(x)), 1 <= x <= 4
    "float_erf_tail": (lambda x: -log(erfc(x)), lambda x: erfc(x) / erf(x), 1, 4, 6, FLOAT),
    # log(1 + e) = e - e^2 / 2 + e^3 P(e), 0 <= e <= 1
    "float_softplus": (lambda e: (log(1 + e) - e + e**2 / 2) / e**3, lambda e: e**3 / log(1 + e),
                       0, 1, 7, FLOAT),
    # sin(2 pi r) = C r + r P(r^2), C = 2 pi rounded, |r| <= 1/8
    "float_sine": (lambda t: sin(TWO_PI * sqrt(t)) / sqrt(t) - TWO_PI_FLOAT,
                   lambda t: sqrt(t) / sin(TWO_PI * sqrt(t)), 0, mpf(1) / 64, 4, FLOAT),
    # cos(2 pi r) = 1 + r^2 P(r^2), |r| <= 1/8
    "float_cosine": (lambda t: (cos(TWO_PI * sqrt(t)) - 1) / t, lambda t: t, 0, mpf(1) / 64, 3,
                     FLOAT),
    # exp(r) = 1 + r + r^2 P(r)
    "portable_exp": (lambda r: (exp(r) - 1 - r) / r**2, lambda r: r**2 / exp(r),
                     -HALF_LOG_2 * 1.01, HALF_LOG_2 * 1.01, 9, DOUBLE),
    # log((1 + s) / (1 - s)) = 2 s + s^3 P(s^2), (1 + s) / (1 - s) in [1/sqrt(2), sqrt(2)]
    "portable_log": (lambda t: (2 * atanh(sqrt(t)) - 2 * sqrt(t)) / sqrt(t)**3,
                     lambda t: sqrt(t)**3 / (2 * atanh(sqrt(t))), 0, mpf("0.02944"), 7, DOUBLE),
    # sin(2 pi r) = C r + r P(r^2), C = 2 pi rounded, |r| <= 1/8
    "portable_sine": (lambda t: sin(TWO_PI * sqrt(t)) / sqrt(t) - TWO_PI_DOUBLE,
                      lambda t: sqrt(t) / sin(TWO_PI * sqrt(t)), 0, mpf(1) / 64, 6, DOUBLE),
    # cos(2 pi r) = 1 + r^2 P(r^2), |r| <= 1/8
    "portable_cosine": (lambda t: (cos(TWO_PI * sqrt(t)) - 1) / t, lambda t: t, 0, mpf(1) / 64, 6,
                        DOUBLE),
}


def main(names):
    for name in names or FITS:
        coefficients, error = fit(*FITS[name])
        digits = 9 if FITS[name][-1] is FLOAT else 17
        print(f"{name}: greatest relative error 2^{float(log(error, 2)):.1f}")
        for coefficient in coefficients:
            print(f"    {float(coefficient):.{digits}g}")


if __name__ == "__main__":
    main(sys.argv[1:])
