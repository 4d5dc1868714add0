"""Figures as Markdown."""

import pathlib
import platform

US = "rushlight"


def machine():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def column(threads, batch):
    return f"batch {batch}" + (f", {threads} threads" if threads > 1 else "")


def table(corner, columns, rows):
    lines = [[corner, *columns], ["---"] + ["--:"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def best_peer(engines, figure):
    """Name and seconds of the fastest of the others, or nothing."""
    others = [(values[figure], name) for name, values in engines.items() if name != US]
    return min(others, default=None)


def ratio(engines):
    """How many times as fast as the best peer: by minimum, (by median), and who that is."""
    best = {figure: best_peer(engines, figure) for figure in ("minimum", "median")}
    if US not in engines or not best["minimum"]:
        return "–"
    times = {figure: best[figure][0] / engines[US][figure] for figure in best}
    return f"{times['minimum']:.2f} ({times['median']:.2f}) {best['minimum'][1]}"


def microseconds(cell, engine):
    if engine not in cell["engines"]:
        return "–"
    per_image = cell["engines"][engine]["minimum"] / cell["batch"] * 1e6
    return f"{per_image:.2f}" if per_image < 100 else f"{per_image:.0f}"


def largest_difference(cells, engine):
    found = [cell["engines"][engine]["difference"] for cell in cells if engine in cell["engines"]]
    return f"{max(found):.1e}" if found else "–"


def absence(engine, why, where):
    more = f" and {len(where) - 1} more" if len(where) > 1 else ""
    return f"- {engine}: {why} ({where[0]}{more})"


def markdown(figures):
    engines = list(figures["versions"])
    nets = {}  # name -> cells
    for cell in figures["cells"]:
        nets.setdefault(cell["net"], []).append(cell)
    columns = [column(cell["threads"], cell["batch"]) for cell in next(iter(nets.values()))]

    versions = ", ".join(" ".join(pair).strip() for pair in figures["versions"].items())
    parts = [f"{figures['machine']}. {versions}."]
    parts += ["## Seconds of the best peer / ours", "Minima (medians) over the rounds; more than 1: we are faster."]
    parts.append(table("net", columns, [[net, *(ratio(cell["engines"]) for cell in nets[net])] for net in nets]))
    parts.append("## Microseconds a picture")
    for net, cells in nets.items():
        rows = [[engine, *(microseconds(cell, engine) for cell in cells)] for engine in engines]
        parts.append(table(net, columns, rows))
    parts += ["## Agreement", "The largest |Δ| / (1 + |y|) to PyTorch in float64."]
    rows = [[engine, *(largest_difference(nets[net], engine) for net in nets)] for engine in engines]
    parts.append(table("engine", list(nets), rows))
    if figures["absent"]:
        parts += ["## Absent", "\n".join(absence(**one) for one in figures["absent"])]
    return "\n\n".join(parts)
