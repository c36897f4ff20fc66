"""The reliability of scores as a picture: what was told beside what came, as SVG."""

from collections.abc import Sequence

from bondfire.insights.bond.judging import Bin

_SIZE, _EDGE = 400, 50


def reliability_picture(bins: Sequence[Bin], title: str) -> str:
    """An SVG with a point for each tenth of the members; on the diagonal the score keeps its word."""
    points = [(_x(one.told), _y(one.came), one) for one in bins]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in points)
    dots = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="#b3401c"><title>told {one.told:.3f}, '
        f"came {one.came:.3f}, {one.members} members</title></circle>"
        for x, y, one in points
    )
    marks = "".join(_marks(tenth / 10) for tenth in range(0, 11, 2))
    side = _SIZE + 2 * _EDGE
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" role="img" '
        f'font-family="sans-serif" font-size="13"><title>{title}</title>'
        f'<rect width="{side}" height="{side}" fill="#fff"/>'
        f'<text x="{_EDGE}" y="30" font-size="15">{title}</text>{marks}'
        f'<line x1="{_x(0)}" y1="{_y(0)}" x2="{_x(1)}" y2="{_y(1)}" stroke="#999" stroke-dasharray="5 4"/>'
        f'<polyline points="{line}" fill="none" stroke="#b3401c" stroke-width="2"/>{dots}'
        f'<text x="{side / 2}" y="{side - 10}" text-anchor="middle">told: mean score of a tenth</text>'
        f'<text x="14" y="{side / 2}" text-anchor="middle" transform="rotate(-90 14 {side / 2})">'
        "came: share that bought</text></svg>\n"
    )


def _x(share: float) -> float:
    return _EDGE + share * _SIZE


def _y(share: float) -> float:
    return _EDGE + (1 - share) * _SIZE


def _marks(share: float) -> str:
    return (
        f'<line x1="{_x(0)}" y1="{_y(share)}" x2="{_x(1)}" y2="{_y(share)}" stroke="#eee"/>'
        f'<text x="{_EDGE - 6}" y="{_y(share) + 4}" text-anchor="end">{share:.1f}</text>'
        f'<text x="{_x(share)}" y="{_y(0) + 18}" text-anchor="middle">{share:.1f}</text>'
    )
