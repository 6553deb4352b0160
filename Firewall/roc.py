"""A curve of how many attacks are found by how many harmless texts are hit, as SVG."""

import math

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 640, 420, 60, 20, 20, 50
COLOURS = ("#1b6ca8", "#c2410c", "#15803d", "#7c3aed")
LEAST = 0.001


def curve(attacks, harmless):
    """(share of harmless texts hit, share of attacks found) for each threshold that harmless texts set."""
    points = []
    for threshold in sorted(set(harmless), reverse=True):
        hit = sum(score >= threshold for score in harmless) / len(harmless)
        points.append((hit, sum(score > threshold for score in attacks) / len(attacks)))
    return points


def found_at(attacks, harmless, share):
    """Attacks found, and the score it takes, where at most `share` of the harmless texts score more."""
    ordered = sorted(harmless, reverse=True)
    threshold = ordered[min(int(len(ordered) * share), len(ordered) - 1)]
    return sum(score > threshold for score in attacks) / len(attacks), threshold


def svg(curves):
    """`curves`: name -> points. The share of harmless texts hit is shown by its logarithm, from 0.1 % on."""
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    x = lambda hit: LEFT + (right - LEFT) * (math.log10(max(hit, LEAST)) - math.log10(LEAST)) / -math.log10(LEAST)
    y = lambda found: bottom - (bottom - TOP) * found
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">',
           f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>']
    for hit in (0.001, 0.01, 0.1, 1):
        out.append(f'<path d="M{x(hit):.1f} {TOP}V{bottom}" stroke="#ddd"/>'
                   f'<text x="{x(hit):.1f}" y="{bottom + 18}" text-anchor="middle">{hit * 100:g} %</text>')
    for found in (0, 0.25, 0.5, 0.75, 0.9, 1):
        out.append(f'<path d="M{LEFT} {y(found):.1f}H{right}" stroke="#ddd"/>'
                   f'<text x="{LEFT - 8}" y="{y(found) + 4:.1f}" text-anchor="end">{found * 100:g} %</text>')
    for (name, points), colour in zip(curves.items(), COLOURS):
        steps, last = [f"M{LEFT} {y(0):.1f}"], 0
        for hit, found in points:
            steps.append(f"H{x(hit):.1f}V{y(found):.1f}")
        out.append(f'<path d="{"".join(steps)}" fill="none" stroke="{colour}" stroke-width="2"/>')
        line = TOP + 190 + 18 * list(curves).index(name)
        out.append(f'<path d="M{right - 190} {line}h24" stroke="{colour}" stroke-width="2"/>'
                   f'<text x="{right - 160}" y="{line + 4}">{name}</text>')
    out.append(f'<text x="{(LEFT + right) / 2}" y="{HEIGHT - 10}" text-anchor="middle">harmless texts hit</text>'
               f'<text x="14" y="{TOP + 8}">attacks found</text></svg>')
    return "\n".join(out).replace('<text x="14" y="28">', '<text x="64" y="16">') + "\n"
